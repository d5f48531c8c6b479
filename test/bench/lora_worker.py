"""Fine-tuning with adapters by peft, for the bench of that name: lora_worker.py SHAPE-JSON. Protocol as turns.ts."""
import json
import sys

import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

from torch_turns import serve

s = json.loads(sys.argv[1])
torch.set_num_threads(s["threads"])
torch.manual_seed(0)
model = LlamaForCausalLM(LlamaConfig(
    vocab_size=s["vocab"], hidden_size=s["dim"], intermediate_size=s["ffn"], num_hidden_layers=s["layers"],
    num_attention_heads=s["heads"], num_key_value_heads=s["kv"], rms_norm_eps=1e-5, tie_word_embeddings=True,
    rope_theta=100000.0, use_cache=False))
model = get_peft_model(model, LoraConfig(
    r=s["rank"], lora_alpha=2 * s["rank"], lora_dropout=0.05, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
model.train()
trained = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(trained, lr=1e-3, betas=(0.9, 0.95), weight_decay=0.0, fused=True)
serve(model, trained, optimizer, s)

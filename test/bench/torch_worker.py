"""One contestant that runs on PyTorch: torch_worker.py (eager|compile) (dense|deepseek) SHAPE-JSON. Protocol as worker.ts."""
import json
import sys

import torch
from transformers import DeepseekV3Config, DeepseekV3ForCausalLM, LlamaConfig, LlamaForCausalLM

from torch_turns import serve

how, name, s = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
torch.set_num_threads(s["threads"])
torch.manual_seed(0)
common = dict(vocab_size=s["vocab"], hidden_size=s["dim"], intermediate_size=s["ffn"], num_hidden_layers=s["layers"],
              num_attention_heads=s["heads"], num_key_value_heads=s["heads"], rms_norm_eps=1e-6,
              tie_word_embeddings=False, use_cache=False)
if name == "dense":
    model = LlamaForCausalLM(LlamaConfig(**common))
else:
    model = DeepseekV3ForCausalLM(DeepseekV3Config(
        **common, moe_intermediate_size=s["expert"], kv_lora_rank=s["rank"], q_lora_rank=None,
        qk_nope_head_dim=s["dim"] // s["heads"], qk_rope_head_dim=s["rope"], v_head_dim=s["dim"] // s["heads"],
        n_routed_experts=s["experts"], n_shared_experts=1, num_experts_per_tok=s["active"], n_group=1, topk_group=1,
        first_k_dense_replace=1, routed_scaling_factor=1.0))
groups = [{"params": [p for p in model.parameters() if p.ndim > 1], "weight_decay": 0.1},
          {"params": [p for p in model.parameters() if p.ndim <= 1], "weight_decay": 0.0}]
optimizer = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.95), fused=True)
run = torch.compile(model) if how == "compile" else model
serve(run, list(model.parameters()), optimizer, s)

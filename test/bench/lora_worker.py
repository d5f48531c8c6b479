"""Fine-tuning with adapters by peft, for the bench of that name: lora_worker.py SHAPE-JSON. Protocol as turns.ts."""
import json
import resource
import sys
import time

import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

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
rows = s["batch"] * s["context"]


def batch(step):
    state, ids = step * 7919 + 1, []
    for _ in range(rows):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        ids.append((state >> 8) % s["vocab"])
    x = torch.tensor(ids)
    return x.view(s["batch"], s["context"]), x.roll(-1)


def train(step):
    ids, targets = batch(step)
    cpu, began = time.process_time(), time.perf_counter()
    logits = model(input_ids=ids).logits
    loss = torch.nn.functional.cross_entropy(logits.view(rows, -1), targets)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    optimizer.step()
    value = loss.item()
    return {"wall": 1000 * (time.perf_counter() - began), "cpu": 1000 * (time.process_time() - cpu), "loss": value}


def say(message):
    print(json.dumps(message), flush=True)


say({"ready": True})
step = 0
for line in sys.stdin:
    if line.strip() == "memory":
        say({"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024})
        continue
    step += 1
    say(train(step))

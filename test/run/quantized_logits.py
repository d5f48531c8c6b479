"""Logits of folders that hold models quantized by compressed-tensors: quantized_logits.py IDS FOLDER ..., prints a JSON list."""
import json
import sys

import torch
from transformers import AutoModelForCausalLM
from transformers.utils import logging

logging.disable_progress_bar()
ids = torch.tensor([json.loads(sys.argv[1])])
found = []
for folder in sys.argv[2:]:
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.no_grad():
        found.append(model(ids).logits.flatten().tolist())
print(json.dumps(found))

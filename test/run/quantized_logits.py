"""Logits of a folder that holds a model quantized by compressed-tensors: quantized_logits.py FOLDER IDS, prints JSON."""
import json
import sys

import torch
from transformers import AutoModelForCausalLM
from transformers.utils import logging

logging.disable_progress_bar()
model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32).eval()
with torch.no_grad():
    print(json.dumps(model(torch.tensor([json.loads(sys.argv[2])])).logits.flatten().tolist()))

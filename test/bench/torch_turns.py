"""What the PyTorch contestants of a bench share: batches of the same tokens, a step, and the protocol of turns.ts."""
import json
import resource
import sys
import time

import torch


def serve(run, trained, optimizer, shape):
    """Takes a step for each line on stdin and says what it took. `trained`: the parameters whose gradients are clipped."""
    rows = shape["batch"] * shape["context"]

    def batch(step):
        state, ids = step * 7919 + 1, []
        for _ in range(rows):
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            ids.append((state >> 8) % shape["vocab"])
        x = torch.tensor(ids)
        return x.view(shape["batch"], shape["context"]), x.roll(-1)

    def train(step):
        ids, targets = batch(step)
        cpu, began = time.process_time(), time.perf_counter()
        logits = run(input_ids=ids).logits
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

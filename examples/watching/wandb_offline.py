"""Makes an offline run of Weights & Biases from a run of Dsk, for `wandb sync` to upload whenever there is a connection:

    pip install wandb
    python wandb_offline.py .dsk/runs/20261124-080256-x3f
    wandb sync wandb/offline-run-*

Reads the run's folder only: it can be called during the run or after it, and the run knows nothing of it.
"""

import json
import os
import sys


def main(folder: str) -> None:
    os.environ.setdefault("WANDB_MODE", "offline")
    import wandb

    with open(os.path.join(folder, "run.json"), encoding="utf8") as file:
        record = json.load(file)
    with open(os.path.join(folder, "graph.dsk"), encoding="utf8") as file:
        graph = file.read()
    run = wandb.init(
        project=os.environ.get("WANDB_PROJECT", "dsk"),
        id=record["run"],
        name=f'{record["file"]} {record["run"]}',
        config={"graph": graph, "versions": record["versions"]},
    )
    trainings = {}
    with open(os.path.join(folder, "events.jsonl"), encoding="utf8") as file:
        for line in file:
            try:
                event = json.loads(line)
            except json.JSONDecodeError:
                continue  # the last line of a run that was killed while it wrote
            if event["event"] == "step":
                node = event["node"]
                # Trainings of one graph have steps of their own.
                if node not in trainings:
                    trainings[node] = True
                    run.define_metric(f"{node}/step")
                    run.define_metric(f"{node}/*", step_metric=f"{node}/step")
                numbers = {k: v for k, v in event.items() if isinstance(v, (int, float)) and k != "at"}
                run.log({f"{node}/{name}": value for name, value in numbers.items()})
            elif event["event"] == "sample":
                print(f'{event["node"]} step {event["step"]}: {event["prompt"]}{event["text"]}')  # into the run's log
    for node, values in record["results"].items():
        run.summary.update({f"{node}.{name}": value for name, value in values.items()})
    run.finish()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python wandb_offline.py .dsk/runs/ID")
    main(sys.argv[1])

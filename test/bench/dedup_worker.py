"""Near-duplicates by a Python tool: TOOL INPUT FOLDER WORKERS. INPUT: JSONL with `id` and `text`. Prints JSON: seconds from the start
of the process to the end of the tool, and the ids of the documents it keeps. Defaults throughout, but for what TOOL says."""

import time

start = time.perf_counter()

import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402


def text_dedup(source, folder, workers, more=""):
    from text_dedup.minhash import main

    arguments = f"--path json --data_files {source} --split train --cache_dir {folder}/cache --output {folder}/out"
    arguments += f" --column text --num_proc {workers} {more}"
    main(arguments.split(), standalone_mode=False)
    seconds = time.perf_counter() - start
    import datasets

    return seconds, datasets.load_from_disk(f"{folder}/out")["id"]


def text_dedup_14x8(source, folder, workers):
    return text_dedup(source, folder, workers, "--num_perm 112 --b 14 --r 8 --hash_func xxh3")


def datatrove(source, folder, workers):
    import xxhash
    from datatrove.data import Document
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.base import PipelineStep
    from datatrove.pipeline.dedup import (
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.dedup import minhash

    class Read(PipelineStep):
        def run(self, data=None, rank=0, world_size=1):
            with open(source, encoding="utf8") as lines:
                for i, line in enumerate(lines):
                    if i % world_size == rank:
                        row = json.loads(line)
                        yield Document(text=row["text"], id=str(row["id"]))

    class Write(PipelineStep):
        def run(self, data, rank=0, world_size=1):
            os.makedirs(f"{folder}/out", exist_ok=True)
            with open(f"{folder}/out/{rank}.jsonl", "w", encoding="utf8") as out:
                for document in data:
                    out.write(json.dumps({"id": document.id, "text": document.text}) + "\n")

    class Words:
        def word_tokenize(self, text):
            return text.split()

    # Words as they stand between spaces; datatrove's own would be spaCy's, which take far longer.
    minhash.load_word_tokenizer = lambda language: Words()
    # xxhash 4 hashes bytes only, datatrove 0.10 gives it text.
    of_bytes = xxhash.xxh64_intdigest
    xxhash.xxh64_intdigest = lambda text: of_bytes(text.encode())
    config = minhash.MinhashConfig()

    def execute(tasks, *pipeline):
        logs = f"{folder}/log{len(os.listdir(folder))}"
        LocalPipelineExecutor(
            list(pipeline), tasks=tasks, workers=workers, logging_dir=logs, start_method="fork"
        ).run()

    execute(workers, Read(), MinhashDedupSignature(f"{folder}/signatures", config))
    execute(config.num_buckets, MinhashDedupBuckets(f"{folder}/signatures", f"{folder}/buckets", config=config))
    execute(1, MinhashDedupCluster(f"{folder}/buckets", f"{folder}/removed", config=config))
    execute(workers, Read(), MinhashDedupFilter(f"{folder}/removed"), Write())
    seconds = time.perf_counter() - start
    kept = []
    for name in os.listdir(f"{folder}/out"):
        with open(f"{folder}/out/{name}", encoding="utf8") as lines:
            kept.extend(int(json.loads(line)["id"]) for line in lines)
    return seconds, kept


if __name__ == "__main__":
    tool, source, folder, workers = sys.argv[1:]
    os.makedirs(folder)
    # What tools print is no part of the answer.
    answer = os.dup(1)
    os.dup2(2, 1)
    tools = {"text-dedup": text_dedup, "text-dedup 14x8": text_dedup_14x8, "datatrove": datatrove}
    seconds, kept = tools[tool](source, folder, int(workers))
    with os.fdopen(answer, "w") as out:
        json.dump({"seconds": seconds, "kept": list(kept)}, out)

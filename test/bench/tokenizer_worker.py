# Hugging Face's tokenizers beside ours: `tokenizer_worker.py train|encode FILE.jsonl TOKENIZER SIZE`. Trains or encodes the texts
# in memory on all cores; prints seconds, of the library's call alone, as JSON.
import json
import sys
import time

from tokenizers import Tokenizer, models, trainers, pre_tokenizers

what, rows, path, size = sys.argv[1:]
with open(rows, encoding="utf-8") as file:
    texts = [json.loads(line)["text"] for line in file]

if what == "train":
    # The pre-tokenizer of the vocabulary that was trained here before.
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = Tokenizer.from_file(path).pre_tokenizer
    trainer = trainers.BpeTrainer(
        vocab_size=int(size),
        min_frequency=2,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    started = time.perf_counter()
    tokenizer.train_from_iterator(texts, trainer)
    seconds = time.perf_counter() - started
    same = json.loads(tokenizer.to_str())["model"]["merges"] == json.load(open(path))["model"]["merges"]
    print(json.dumps({"seconds": seconds, "same": same}))
else:
    started = time.perf_counter()
    tokenizer = Tokenizer.from_file(path)
    opened = time.perf_counter() - started
    # encode_batch_fast leaves out the places of tokens in the text, which are not wanted here either.
    encoded = tokenizer.encode_batch_fast(texts, add_special_tokens=False)
    ids = [encoding.ids for encoding in encoded]
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "opened": opened, "tokens": sum(map(len, ids))}))

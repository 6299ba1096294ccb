"""Logits of a cross-encoder made of a MiniLM folder and a head, by numpy in 64 bits, one pair at a time and without padding.

Usage: scores-by-numpy.py FOLDER < JSON; the JSON: {"head": [384 numbers], "bias": number, "pairs": [{"ids": [...], "types": [...]}]}
Prints the logits as a JSON list.
"""

import json
import math
import sys

import numpy as np

HEADS, LAYERS, EPSILON = 12, 6, 1e-12
erf = np.vectorize(math.erf)


def read_tensors(path):
    data = open(path, "rb").read()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    return {
        name: np.frombuffer(data[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]], "<f4")
        .reshape(entry["shape"])
        .astype(np.float64)
        for name, entry in header.items()
        if name != "__metadata__" and entry["dtype"] == "F32"
    }


tensors = read_tensors(sys.argv[1] + "/model.safetensors")


def linear(name, rows):
    return rows @ tensors[name + ".weight"].T + tensors[name + ".bias"]


def normed(name, rows):
    mean, variance = rows.mean(-1, keepdims=True), rows.var(-1, keepdims=True)
    return (rows - mean) / np.sqrt(variance + EPSILON) * tensors[name + ".weight"] + tensors[name + ".bias"]


def attend(at, rows):
    parts = [linear(f"{at}.attention.self.{part}", rows).reshape(len(rows), HEADS, -1) for part in ("query", "key", "value")]
    query, key, value = (part.transpose(1, 0, 2) for part in parts)
    scores = query @ key.transpose(0, 2, 1) / math.sqrt(query.shape[-1])
    shares = np.exp(scores - scores.max(-1, keepdims=True))
    shares /= shares.sum(-1, keepdims=True)
    return (shares @ value).transpose(1, 0, 2).reshape(len(rows), -1)


def first_vector(ids, types):
    rows = tensors["embeddings.word_embeddings.weight"][ids] + tensors["embeddings.token_type_embeddings.weight"][types]
    rows = normed("embeddings.LayerNorm", rows + tensors["embeddings.position_embeddings.weight"][: len(ids)])
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}"
        joined = normed(f"{at}.attention.output.LayerNorm", rows + linear(f"{at}.attention.output.dense", attend(at, rows)))
        inner = linear(f"{at}.intermediate.dense", joined)
        inner = inner * 0.5 * (1 + erf(inner / math.sqrt(2)))
        rows = normed(f"{at}.output.LayerNorm", joined + linear(f"{at}.output.dense", inner))
    return rows[0]


asked = json.load(sys.stdin)
head = np.array(asked["head"])
print(json.dumps([float(first_vector(pair["ids"], pair["types"]) @ head + asked["bias"]) for pair in asked["pairs"]]))

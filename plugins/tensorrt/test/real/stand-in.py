"""Stand-ins for the models of Triton that need a GPU: one file, which has the inputs and outputs of the layout that its config names.
It answers with the words of the prompt, over and over, up to max_tokens. Prompts in capitals do something else:
INPUTS  answers with what it was given, as JSON        LONG  is refused as TensorRT-LLM refuses a prompt that is too long
BUSY    is refused as UNAVAILABLE                      CUT   fails after two words
"""
import json

import numpy as np
import triton_python_backend_utils as pb

PREFIX = "sampling_param_"


def tensor(name, value):
    kind = object if isinstance(value, str) else np.int32
    return pb.Tensor(name, np.array([value.encode() if isinstance(value, str) else value], dtype=kind))


def plain(array):
    values = [v.decode() if isinstance(v, bytes) else v.item() for v in array.reshape(-1)]
    return values[0] if len(values) == 1 else values


class TritonPythonModel:
    def initialize(self, args):
        config = json.loads(args["model_config"])
        self.kind = config["parameters"]["kind"]["string_value"]
        self.names = [one["name"] for one in config["input"]]
        self.outputs = [one["name"] for one in config["output"]]
        self.decoupled = config["model_transaction_policy"]["decoupled"]

    def given(self, request):
        found = {}
        for name in self.names:
            value = pb.get_input_tensor_by_name(request, name)
            if value is not None:
                found[name] = plain(value.as_numpy())
        return found

    def records(self, given):
        sampling = json.loads(given.get("sampling_parameters", "{}"))
        limit = next(int(v) for v in [given.get("max_tokens"), given.get(PREFIX + "max_tokens"), sampling.get("max_tokens")] if v is not None)
        prompt = given["text_input"]
        words = [json.dumps(given)] if prompt == "INPUTS" else (prompt.split() * limit)[:limit]
        said = ""
        for at, word in enumerate(words):
            piece = word if at == 0 else " " + word
            said += piece
            last = at == len(words) - 1
            if self.kind == "bls":
                yield {"text_output": said}
            else:
                yield {"text_output": piece, "finish_reason": ("length" if last else "None"), "num_input_tokens": len(prompt.split()), "num_output_tokens": 1}

    def failure(self, prompt, said):
        if prompt == "LONG":
            return pb.TritonError("Executor failed: Prompt length (9000) exceeds maximum input length (8192). Set log level to info.")
        if prompt == "BUSY":
            return pb.TritonError("Exceeds maximum queue size", pb.TritonError.UNAVAILABLE)
        return pb.TritonError("the engine broke") if prompt.startswith("CUT") and said == 2 else None

    def response(self, record):
        return pb.InferenceResponse([tensor(name, value) for name, value in record.items() if name in self.outputs])

    def stream(self, request, given):
        sender = request.get_response_sender()
        final = pb.TRITONSERVER_RESPONSE_COMPLETE_FINAL
        for said, record in enumerate(self.records(given)):
            failure = self.failure(given["text_input"], said)
            if failure is not None:
                sender.send(pb.InferenceResponse(error=failure), flags=final)
                return
            sender.send(self.response(record))
        sender.send(flags=final)

    def whole(self, given):
        failure = self.failure(given["text_input"], 0)
        if failure is not None:
            return pb.InferenceResponse(error=failure)
        records = list(self.records(given))
        record = {**records[-1], "text_output": "".join(one["text_output"] for one in records), "num_output_tokens": len(records)}
        return self.response(record)

    def execute(self, requests):
        answers = []
        for request in requests:
            given = self.given(request)
            if self.decoupled:
                self.stream(request, given)
            else:
                answers.append(self.whole(given))
        return None if self.decoupled else answers

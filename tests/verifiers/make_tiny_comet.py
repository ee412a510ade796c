"""Writes a tiny COMET checkpoint with random weights, scores pairs with the library itself, and prints the scores.

Runs in COMET's environment: `python -I make_tiny_comet.py FOLDER [ref]`, with a JSON list of `{"src", "mt"}` on
standard input. The architecture is COMET-Kiwi's (unified metric, translation and source read together), at a hundredth
of the size; with `ref` the model reads a reference in the source's place, and each row must have one.
"""

import json
import os
import sys
from pathlib import Path

import torch
import yaml
from comet.models import UnifiedMetric, load_from_checkpoint
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import XLMRobertaConfig, XLMRobertaTokenizerFast

folder = Path(sys.argv[1])
pairs = json.load(sys.stdin)
printed = os.dup(1)
os.dup2(2, 1)  # Lightning talks.

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.ByteLevel(), decoders.ByteLevel()
alphabet = pre_tokenizers.ByteLevel.alphabet()
tokenizer.train_from_iterator(
    [text for pair in pairs for text in pair.values()],
    trainers.BpeTrainer(vocab_size=400, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False),
)
tokenizer.post_processor = processors.TemplateProcessing(
    single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
)
encoder = folder / "encoder"
XLMRobertaTokenizerFast(tokenizer_object=tokenizer).save_pretrained(encoder)
XLMRobertaConfig(
    vocab_size=tokenizer.get_vocab_size(),
    hidden_size=32,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=64,
    max_position_embeddings=130,
    pad_token_id=1,
    type_vocab_size=1,
).save_pretrained(encoder)

torch.manual_seed(7)
model = UnifiedMetric(
    pretrained_model=str(encoder),
    layer_transformation="softmax",
    word_layer=2,
    hidden_sizes=[64, 32],
    input_segments=["mt", sys.argv[2] if len(sys.argv) > 2 else "src"],
    load_pretrained_weights=False,
    local_files_only=True,
)
for weights in model.parameters():
    torch.nn.init.normal_(weights, std=0.3)  # Weights as they are initialised score everything alike.
(folder / "checkpoints").mkdir()
checkpoint = folder / "checkpoints" / "model.ckpt"
state = {"state_dict": model.state_dict(), "hyper_parameters": dict(model.hparams)}
torch.save({**state, "pytorch-lightning_version": "2.0.0"}, checkpoint)
(folder / "hparams.yaml").write_text(yaml.dump({**model.hparams, "class_identifier": "unified_metric"}))

scores = load_from_checkpoint(str(checkpoint)).predict(pairs, gpus=0, num_workers=0, progress_bar=False).scores
os.write(printed, json.dumps(scores).encode())

"""Checks that packs compute what the networks compute, read back as those networks, and state their licences."""

import json
import tempfile
from pathlib import Path

import onnxruntime
import torch

from training.data.attribution import PUBLIC_DOMAIN, licence_of, write_attribution
from training.data.sources import CLIPART, LABELS, STYLES, TEXTURES
from training.evaluation.upscaling import UpscalePackRunner
from training.export import (
    ExportedDecoder,
    ExportedEncoder,
    write_denoiser,
    write_description,
    write_surroundings,
)
from training.export_upscaler import write_upscaler_pack
from training.import_pack import credit_pack, graph_weights, import_pack, keep_vocabulary
from training.models.autoencoder import Autoencoder, Decoder, Encoder
from training.models.text_encoder import CONTEXT, TextEncoder, TextEncoderConfig
from training.models.tokenizer import Tokenizer
from training.models.unet import UNet
from training.models.upscaler import Upscaler
from training.pack_writing import credit_sources
from training.presets import TINY_DENOISER, TINY_TEXT_WIDTH, TINY_UPSCALER
from training.train_upscaler import upscale
from training.weight_storage import store_as_bytes

MODELS = Path(__file__).parents[2] / "models"
STARTER = MODELS / "starter"
SIZES = {"nativeSize": 64, "largestSize": 96}
DEFAULTS = {"scheduler": "ddim", "steps": 4, "guidanceScale": 1}


def an_exported_pack_equals_pytorch() -> None:
    """Both computed from weights rounded to fp16, as the pack stores them."""
    unet, text, autoencoder, tokenizer = tiny_networks()
    sample, t, words = torch.randn(3, 9, 12, 16), torch.tensor([321]), torch.randn(3, CONTEXT, TINY_TEXT_WIDTH)
    picture, latents = torch.rand(1, 3, 96, 64) * 2 - 1, torch.randn(1, 4, 12, 8)
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        pack = Path(folder) / "pack"
        write_pack(pack, unet, text, autoencoder, tokenizer)
        tokens = tokenizer.encode(["a cat"])
        close(run_graph(pack / "unet", sample=sample, timestep=t, encoder_hidden_states=words), unet(sample, t, words))
        close(run_graph(pack / "text_encoder", input_ids=tokens), text(tokens))
        close(run_graph(pack / "vae_encoder", sample=picture), ExportedEncoder(autoencoder)(picture))
        close(run_graph(pack / "vae_decoder", latent_sample=latents), ExportedDecoder(autoencoder)(latents))


def a_pack_reads_back_as_the_networks_it_was_exported_from() -> None:
    """To the last bit: their weights are rounded to fp16. A pack that borrows, with a denoiser in bytes, reads back nearly."""
    networks = unet, text, autoencoder, tokenizer = tiny_networks()
    unet.down3[0].conv_in.bias.data.copy_(unet.down2[0].conv_in.bias.data)  # equal weights share a place in the graph
    with tempfile.TemporaryDirectory() as folder:
        pack, fast = Path(folder) / "pack", Path(folder) / "fast"
        write_pack(pack, *networks)
        write_denoiser(fast, unet, 64, store_as_bytes)
        write_description(fast, "Tiny fast", SIZES, DEFAULTS, "MIT", "pack")
        for source in (pack, fast):
            *found, vocabulary = import_pack(source)
            assert found[0].config == unet.config and found[1].config == text.config
            assert vocabulary.encode(["a cat"]).equal(tokenizer.encode(["a cat"]))
            for network, exported in zip(found, (unet, text, autoencoder)):
                for name, value in exported.state_dict().items():
                    allowed = 0.01 * value.abs().max() if source is fast and network is found[0] else 0
                    assert (network.state_dict()[name] - value).abs().max() <= allowed, (source.name, name)


def the_starter_reads_back_as_what_its_graphs_compute() -> None:
    torch.manual_seed(0)
    unet, text, autoencoder, tokenizer = import_pack(STARTER)
    tokens, t, sample = tokenizer.encode(["a red apple", "a cat"]), torch.tensor([321]), torch.randn(2, 9, 8, 12)
    picture, latents = torch.rand(1, 3, 64, 96) * 2 - 1, torch.randn(1, 4, 8, 12)
    with torch.no_grad():
        words = text.eval()(tokens)
        close(run_graph(STARTER / "text_encoder", input_ids=tokens), words)
        close(
            run_graph(STARTER / "unet", sample=sample, timestep=t, encoder_hidden_states=words), unet.eval()(sample, t, words)
        )
        close(run_graph(STARTER / "vae_encoder", sample=picture), ExportedEncoder(autoencoder.eval())(picture))
        close(run_graph(STARTER / "vae_decoder", latent_sample=latents), ExportedDecoder(autoencoder)(latents))


def a_run_keeps_the_vocabulary_it_has() -> None:
    """A denoiser of another one reads every prompt wrongly. The same one again does no harm."""
    with tempfile.TemporaryDirectory() as name:
        own, same, other = (Tokenizer.train([text], 520) for text in ("red apple", "red apple", "blue heart"))
        own.save(Path(name) / "tokenizer")
        keep_vocabulary(Path(name), same)
        try:
            keep_vocabulary(Path(name), other)
        except ValueError as error:
            assert "another vocabulary" in str(error), error
            assert Tokenizer.load(Path(name) / "tokenizer").merges == own.merges
            return
    raise AssertionError("overwritten")


def a_pack_of_another_kind_of_denoiser_is_not_read() -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_upscaler_pack(Path(folder), Upscaler(TINY_UPSCALER).eval(), "Tiny upscale", 1, "MIT")
        try:
            import_pack(Path(folder))
        except ValueError as error:
            assert "not a UNet of training.models" in str(error), error
            return
    raise AssertionError("read")


def a_pack_states_the_licences_of_its_runs_sources() -> None:
    """All of them and no others, but the public domain's; a run that names no sources makes a pack without a licence."""
    sources = [LABELS, *(style.source for style in STYLES), *TEXTURES]
    with tempfile.TemporaryDirectory() as name:
        run, pack = Path(name) / "run", Path(name) / "pack"
        run.mkdir(), pack.mkdir()
        for used in (sources, [LABELS], [LABELS, CLIPART.source]):
            write_attribution(run / "ATTRIBUTION.md", used)
            write_description(pack, "Tiny", SIZES, DEFAULTS, credit_sources(run, pack))
            stated = json.loads((pack / "overpaint.json").read_text())["licence"].split(" AND ")
            assert stated == sorted({source.licence for source in used} - PUBLIC_DOMAIN), stated
            assert (pack / "ATTRIBUTION.md").read_text() == (run / "ATTRIBUTION.md").read_text()
        write_attribution(run / "ATTRIBUTION.md", [CLIPART.source])
        assert credit_sources(run, pack) == "CC-PDDC"
        (run / "ATTRIBUTION.md").unlink()
        write_description(pack, "Tiny", SIZES, DEFAULTS, credit_sources(run, pack))
        assert "licence" not in json.loads((pack / "overpaint.json").read_text())


def a_run_that_goes_on_from_a_pack_credits_the_packs_sources() -> None:
    with tempfile.TemporaryDirectory() as name:
        attribution, of_pack = Path(name) / "ATTRIBUTION.md", Path(name) / "pack.md"
        write_attribution(of_pack, [LABELS, CLIPART.source, *TEXTURES])
        credit_pack(attribution, of_pack)
        assert attribution.read_text() == of_pack.read_text()
        write_attribution(attribution, [LABELS, STYLES[0].source])
        credit_pack(attribution, of_pack), credit_pack(attribution, of_pack)
        write_attribution(of_pack, [LABELS, STYLES[0].source, CLIPART.source, *TEXTURES])
        assert attribution.read_text() == of_pack.read_text()


def shipped_packs_state_the_licence_that_follows_from_their_sources() -> None:
    attributions = list(MODELS.glob("*/ATTRIBUTION.md"))
    assert len(attributions) > 1
    for attribution in attributions:
        stated = json.loads((attribution.parent / "overpaint.json").read_text())["licence"]
        assert licence_of(attribution) == stated, (attribution.parent.name, licence_of(attribution), stated)


def weights_stored_as_bytes_are_near_and_can_be_read_back() -> None:
    """Each weight is off by half a step of its channel's scale at most, and the graph computes with exactly what is stored."""
    torch.manual_seed(0)
    unet = UNet(TINY_DENOISER).eval()
    for parameter in unet.parameters():
        parameter.data += 0.05 * torch.randn_like(parameter)
    inputs = torch.randn(3, 9, 12, 16), torch.tensor([321]), torch.randn(3, CONTEXT, TINY_TEXT_WIDTH)
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        write_denoiser(Path(folder), unet, 64, store_as_bytes)
        stored = graph_weights(Path(folder) / "unet")
        for name, value in unet.state_dict().items():
            rounded = stored[name].reshape(value.shape)
            assert (rounded - value).abs().max() <= 0.51 * value.abs().max() / 127, name
            value.copy_(rounded)
        names = ("sample", "timestep", "encoder_hidden_states")
        close(run_graph(Path(folder) / "unet", **dict(zip(names, inputs))), unet(*inputs))


def a_diffusers_model_exports_into_a_pack() -> None:
    from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    from training.export_diffusers import export_diffusers

    torch.manual_seed(0)
    text = CLIPTextModel(
        CLIPTextConfig(vocab_size=600, hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2)
    )
    unet = UNet2DConditionModel(
        sample_size=8, in_channels=9, out_channels=4, block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4,
        cross_attention_dim=32, attention_head_dim=8, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )  # fmt: skip
    vae = AutoencoderKL(
        block_out_channels=(8, 16),
        norm_num_groups=4,
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
    )
    with tempfile.TemporaryDirectory() as name:
        folder, pack = Path(name) / "model", Path(name) / "pack"
        for network, part in ((text, "text_encoder"), (unet, "unet"), (vae, "vae"), (DDIMScheduler(), "scheduler")):
            for parameter in getattr(network, "parameters", list)():
                parameter.data = parameter.data.half().float()
            network.save_pretrained(folder / part)
        Tokenizer.train(["a cat"], 600).save(folder / "tokenizer")
        index = {
            "_class_name": "StableDiffusionInpaintPipeline",
            "scheduler": ["diffusers", "DDIMScheduler"],
            "tokenizer": ["transformers", "CLIPTokenizer"],
        }
        (folder / "model_index.json").write_text(json.dumps(index))
        export_diffusers(folder, pack, "Tiny")
        sample, t, words = torch.randn(3, 9, 16, 8), torch.tensor([321]), torch.randn(3, CONTEXT, 32)
        picture, latents = torch.rand(1, 3, 32, 16) * 2 - 1, torch.randn(1, 4, 16, 8)
        tokens = torch.randint(0, 500, (1, CONTEXT))
        with torch.no_grad():
            close(
                run_graph(pack / "unet", sample=sample, timestep=t, encoder_hidden_states=words),
                unet.eval()(sample, t, words).sample,
            )
            close(run_graph(pack / "text_encoder", input_ids=tokens), text.eval()(tokens).last_hidden_state)
            close(run_graph(pack / "vae_encoder", sample=picture), vae.eval().encode(picture).latent_dist.parameters)
            close(run_graph(pack / "vae_decoder", latent_sample=latents), vae.decode(latents).sample)


def an_exported_upscaler_draws_what_the_network_draws() -> None:
    """The pack denoises whole pictures, the network their difference to Lanczos; after every number of steps they agree."""
    torch.manual_seed(0)
    upscaler, small = Upscaler(TINY_UPSCALER), torch.rand(3, 3, 12, 8) * 2 - 1
    for parameter in upscaler.parameters():
        parameter.data = (parameter.data + 0.02 * torch.randn_like(parameter)).half().float()
    with tempfile.TemporaryDirectory() as folder:
        write_upscaler_pack(Path(folder), upscaler.eval(), "Tiny upscale", 4, "MIT")
        runner = UpscalePackRunner(Path(folder))
        for steps in (1, 4):
            close(runner.enlarge(small, steps, seed=5), upscale(upscaler, runner.schedule, small, steps, seed=5))


def tiny_networks() -> tuple[UNet, TextEncoder, Autoencoder, Tokenizer]:
    """Networks whose weights are all different and rounded to fp16."""
    torch.manual_seed(0)
    tokenizer = Tokenizer.train(["a cat"], 600)
    unet = UNet(TINY_DENOISER)
    text = TextEncoder(TextEncoderConfig(len(tokenizer.vocabulary), TINY_TEXT_WIDTH, 1, 2))
    autoencoder = Autoencoder(Encoder((16, 16), 1), Decoder((16, 16), 2))
    for network in (unet, text, autoencoder):
        for parameter in network.parameters():
            # Blocks start as the identity; noise makes every weight matter.
            parameter.data = (parameter.data + 0.05 * torch.randn_like(parameter)).half().float()
    autoencoder.measure_latents(torch.rand(4, 3, 32, 32) * 2 - 1)
    return unet.eval(), text.eval(), autoencoder.eval(), tokenizer


def write_pack(pack: Path, unet: UNet, text: TextEncoder, autoencoder: Autoencoder, tokenizer: Tokenizer) -> None:
    write_denoiser(pack, unet, 64)
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.save(Path(folder))
        write_surroundings(pack, text, autoencoder, Path(folder), 64)
    write_description(pack, "Tiny", SIZES, DEFAULTS, "MIT")


def run_graph(folder: Path, **inputs: torch.Tensor) -> torch.Tensor:
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    return torch.from_numpy(session.run(None, {name: value.numpy() for name, value in inputs.items()})[0])


def close(found: torch.Tensor, expected: torch.Tensor) -> None:
    difference = (found - expected).abs().max().item()
    assert found.shape == expected.shape and difference < 1e-4 * max(1.0, expected.abs().max().item()), difference


CHECKS = (
    an_exported_pack_equals_pytorch,
    a_pack_reads_back_as_the_networks_it_was_exported_from,
    the_starter_reads_back_as_what_its_graphs_compute,
    a_run_keeps_the_vocabulary_it_has,
    a_pack_of_another_kind_of_denoiser_is_not_read,
    a_pack_states_the_licences_of_its_runs_sources,
    a_run_that_goes_on_from_a_pack_credits_the_packs_sources,
    shipped_packs_state_the_licence_that_follows_from_their_sources,
    weights_stored_as_bytes_are_near_and_can_be_read_back,
    a_diffusers_model_exports_into_a_pack,
    an_exported_upscaler_draws_what_the_network_draws,
)

"""Settings: the environment wins over the file, the file over the defaults; mistakes are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from lagesbild.config import (
    ROOT,
    SNAPSHOT_FOLDER,
    SettingsError,
    check_base_url,
    environment_of,
    load_settings,
    unknown_variables,
)


def written(folder: Path, text: str) -> Path:
    file = folder / "lagesbild.toml"
    file.write_text(text, "utf-8")
    return file


def test_without_a_file_the_defaults_are_hallsberg_and_the_users_data_folder(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, ""), {})
    assert settings.home_municipality == "1861"
    assert settings.port == 8501
    assert settings.home.name == "lagesbild"
    assert ROOT not in settings.home.parents
    assert settings.snapshot_folder == SNAPSHOT_FOLDER


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, 'home_municipality = "0180"\nport = 9000\nhome = "~/uppgifter"\n')
    assert load_settings(file, {}).home_municipality == "0180"
    assert load_settings(file, {}).home == Path.home() / "uppgifter"
    changed = load_settings(
        file, {"LAGESBILD_KOMMUN": "1480", "LAGESBILD_PORT": "9001", "LAGESBILD_HOME": "/data"}
    )
    assert (changed.home_municipality, changed.port, changed.home) == ("1480", 9001, Path("/data"))


def test_every_address_and_path_can_be_set(tmp_path: Path) -> None:
    file = written(tmp_path, '[base_urls]\nkolada = "http://localhost:1/v3/"\n')
    settings = load_settings(
        file, {"LAGESBILD_BASE_URL_SCB": "https://spegel.example", "LAGESBILD_SNAPSHOT": "/s"}
    )
    assert settings.base_urls == {"kolada": "http://localhost:1/v3", "scb": "https://spegel.example"}
    assert settings.snapshot_folder == Path("/s")


def test_the_example_file_is_valid() -> None:
    load_settings(ROOT / "lagesbild.example.toml", {})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('home_municipality = "18"', "kommunkod med fyra siffror"),
        ('home_municipality = "18610"', "kommunkod med fyra siffror"),
        ('home_municipality = "1861; Kumla"', "eller kommunens namn"),
        ("home_municipality = 1861.5", "inom citattecken"),
        ("port = 0", "port måste ligga mellan 1 och 65535"),
        ('port = "hej"', "port måste vara ett heltal"),
        ("vintages_kept = 0", "vintages_kept måste vara minst 1"),
        ("kommun = 1", "Okänd inställning: kommun"),
        ("vintage_kept = 3", "Okänd inställning: vintage_kept. Menade du vintages_kept?"),
        ("[base_url]\nscb = 'http://x'", "Okänd inställning: base_url. Menade du base_urls?"),
        ("port = ", "kan inte läsas"),
        ('[base_urls]\nscb = "ftp://x"', "inte en giltig http- eller https-adress"),
        ("home_municipality = 1861", "home_municipality måste vara text inom citattecken"),
        ("organisation = 5", "organisation måste vara text"),
        ('organisation = "a\\nb"', "organisation måste vara text"),
        ("address = 5", "address måste vara text"),
        ("home = 5", "home är ingen sökväg"),
        ('home = "~nosuchuser/x"', "home är ingen sökväg"),
        ('home = "a\\u0000b"', "home är ingen sökväg"),
        ("snapshot = 5", "snapshot är ingen sökväg"),
        ('base_urls = "x"', "base_urls måste vara en tabell"),
        ("[base_urls]\nkolada = 5", "inte en giltig http- eller https-adress"),
        ('[base_urls]\nkolada = "http://[::1"', "inte en giltig http- eller https-adress"),
        ('[base_urls]\nkolada = "http://x:abc"', "inte en giltig http- eller https-adress"),
        ("port = true", "port måste vara ett heltal"),
        ("port = 8501.9", "port måste vara ett heltal"),
        ("port = inf", "port måste vara ett heltal"),
    ],
)
def test_a_mistake_is_named(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=told):
        load_settings(written(tmp_path, text), {})


@pytest.mark.parametrize(
    ("text", "kept"),
    [("180", "0180"), ("0180", "0180"), ("Upplands-Bro", "Upplands-Bro"), ("Malung-Sälen", "Malung-Sälen")],
)
def test_the_home_municipality_is_a_code_or_a_name(text: str, kept: str, tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, ""), {"LAGESBILD_KOMMUN": text})
    assert settings.home_municipality == kept
    assert load_settings(written(tmp_path, ""), environment_of(settings)).home_municipality == kept


def test_variables_that_nobody_reads_are_named_with_the_nearest() -> None:
    (told,) = unknown_variables(
        {
            "LAGESBILD_KOMMUN": "",
            "LAGESBILD_BASE_URL_SCB": "",
            "PATH": "",
            "LAGESBILD_CHROMIUM": "",
            "LAGESBILD_HOEM": "",
        }
    )
    assert told == "okänd miljövariabel: LAGESBILD_HOEM, den används inte. Menade du LAGESBILD_HOME?"


def test_a_named_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="finns inte"):
        load_settings(None, {"LAGESBILD_CONFIG": str(tmp_path / "nej.toml")})


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    file = tmp_path / "lagesbild.toml"
    file.write_bytes('organisation = "Åmål"'.encode("latin-1"))
    with pytest.raises(SettingsError, match="kan inte läsas"):
        load_settings(file, {})


@pytest.mark.parametrize("url", ["", "kolada.se", "file:///etc/passwd", "http://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SettingsError):
        check_base_url(url)


def test_another_process_gets_the_same_settings_wherever_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = written(
        tmp_path, 'home = "rel"\nhome_municipality = "0180"\n[base_urls]\nscb = "http://localhost:1"\n'
    )
    here = load_settings(file, {})
    assert here.home == tmp_path / "rel"
    monkeypatch.chdir("/")
    assert load_settings(ROOT / "lagesbild.example.toml", environment_of(here)) == here

//! Packages that lie about their graphs, have no bounds, or end the process: what plays goes on, and the reason is told.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

#[path = "common/hostile.rs"]
mod hostile;

use timbreloom::model::Model;
use timbreloom::model::codes_package::CodesPackage;
use timbreloom::model::codes_session::load_book;
use timbreloom::model::package::Package;
use timbreloom::model::session::ContinuousModel;

use hostile::{codes_package, package};

#[test]
fn a_graph_that_gives_other_sizes_than_it_declares_is_an_error_with_both() {
    let folder = tempfile::tempdir().unwrap();
    for (graph, fixture, words) in [
        ("encoder", "latent-short", "“latent” has 1 values where 2 are declared"),
        ("encoder", "loudness-empty", "“loudness” has 0 values where 1 are declared"),
        ("encoder", "state-long", "“state_out” has 2 values where 1 are declared"),
        ("decoder", "audio-short", "“audio” has 32 values where 64 are declared"),
    ] {
        let package = Package::open(&package(folder.path(), graph, fixture)).unwrap();
        let error = ContinuousModel::load_apart(&package).err().expect(fixture).to_string();
        assert!(error.contains(words) && error.contains(&format!("{graph}.onnx")), "{fixture}: {error}");
    }
}

#[test]
fn a_graph_that_lies_later_fails_in_that_hop_and_keeps_its_state() {
    let folder = tempfile::tempdir().unwrap();
    let package = Package::open(&package(folder.path(), "encoder", "latent-short-late")).unwrap();
    let mut model = ContinuousModel::load_apart(&package).unwrap();
    let (sound, mut latent) = (vec![0.1; package.shape.hop_frames], [0.0; 2]);
    for hop in 0..20 {
        model.encode(0, &sound, &mut latent).unwrap_or_else(|error| panic!("hop {hop}: {error}"));
    }
    for _ in 0..2 {
        let error = model.encode(0, &sound, &mut latent).unwrap_err().to_string();
        assert!(error.contains("the encoder failed: its “latent” has 1 values where 2 are declared"), "{error}");
    }
    model.reset();
    model.encode(0, &sound, &mut latent).unwrap();
}

#[test]
fn a_decoder_that_is_a_value_short_for_some_codes_gives_no_codebook() {
    let folder = tempfile::tempdir().unwrap();
    let package = CodesPackage::open(&codes_package(folder.path(), "decoder", "codes-short")).unwrap();
    let error = load_book(&package).unwrap_err().to_string();
    assert!(error.contains("“bands” has 191 values where 192 are declared"), "{error}");
}

#[test]
fn graphs_that_name_files_draw_random_numbers_or_have_impossible_axes_are_not_loaded() {
    let folder = tempfile::tempdir().unwrap();
    for (fixture, words) in [
        ("external", "a part of it lies in another file"),
        ("runtime-format", "it is in ONNX Runtime's own format"),
        ("random", "it draws random numbers by itself (RandomNormalLike)"),
        ("axis", "“state” has an axis of -5 values"),
        ("functions", "at most 20000 are accepted"),
    ] {
        let package = Package::open(&package(folder.path(), "encoder", fixture)).unwrap();
        let error = ContinuousModel::load_apart(&package).err().expect(fixture).to_string();
        assert!(error.contains("this graph is not loaded") && error.contains(words), "{fixture}: {error}");
    }
}

//! A grain model ready to make hits, for the worker that owns it.

use std::sync::Arc;

use super::package::{GrainsPackage, are_shares};
use super::session::{self, Given, Graph};
use super::tables::Tables;
use crate::grains::bands::BANDS;
use crate::grains::features::COLUMNS;
use crate::grains::onset::ONSET_FRAMES;
use crate::grains::slots::SLOTS;
use crate::model::doctor::Diagnosis;
use crate::model::graph::{SessionError, Tensor};
use crate::model::package::Admitted;
use crate::model::provider::Provider;
use crate::model::quarantine::playing::Watch;
use crate::model::shipped;

/// What is heard of the grains of a hit, row after row, a row for each grain: as
/// [`GrainSynth`](crate::grains::synth::GrainSynth) takes them.
#[derive(Clone, Debug, Default)]
pub struct GrainRows {
    /// Power densities of the noise, dB, `[grain * BANDS]`.
    pub density_db: Vec<f32>,
    /// Levels of the partials, dB, `[grain * SLOTS]`.
    pub level_db: Vec<f32>,
    /// Where the partials lie, `[grain * SLOTS]`.
    pub place: Vec<f32>,
}

/// A grain model of package format 1, with sessions of its own, since they are small. The encoders come when they are first
/// wanted.
///
/// What all its calls are given: `class`, shares of the classes, 0 to 1, which add up to 1; `f0_hz`, ignored by models without
/// pitch; `middles`, those of the grains in frames since the onset, 1 to [`MAX_GRAINS`](super::MAX_GRAINS) of them.
pub struct GrainModel {
    package: GrainsPackage,
    tables: Arc<Tables>,
    sequence: Graph,
    decoder: Graph,
    grain_encoder: Option<Graph>,
    hit_encoder: Option<Graph>,
    /// Of a package that others made.
    watch: Option<Watch>,
    /// The grains' middles as graphs take them.
    frames: Vec<f32>,
}

impl GrainModel {
    /// Loads tables and the graphs that make hits, and runs these once. Blocks.
    ///
    /// # Errors
    /// When a file is damaged, ONNX Runtime is missing, a graph is not what the manifest says, or the package crashed an
    /// earlier process.
    pub fn load(package: &GrainsPackage) -> Result<Self, SessionError> {
        let mut model = Self::load_apart(package)?;
        let header = &package.header;
        if !shipped::is_shipped(&header.hash) {
            model.watch = Watch::begin(&header.name, &header.hash, Provider::Cpu)?;
        }
        Ok(model)
    }

    /// As [`Self::load`], for who examines these very files.
    pub(super) fn load_apart(package: &GrainsPackage) -> Result<Self, SessionError> {
        let tables = Arc::new(package.read_tables()?);
        let [sequence, decoder] = session::making(package)?;
        Ok(Self {
            package: package.clone(),
            tables,
            sequence,
            decoder,
            grain_encoder: None,
            hit_encoder: None,
            watch: None,
            frames: Vec::new(),
        })
    }

    /// As [`Self::load`], of a package that was admitted.
    pub(in crate::model) fn load_admitted(admitted: &Admitted, package: &GrainsPackage) -> Result<Self, Diagnosis> {
        admitted.check(&package.header)?;
        Ok(Self::load(package)?)
    }

    /// The package that it was loaded from.
    pub fn package(&self) -> &GrainsPackage {
        &self.package
    }

    /// The names of its kinds of hits.
    pub fn classes(&self) -> &[String] {
        &self.package.classes
    }

    /// Dimensions of the embedding.
    pub fn embedding(&self) -> usize {
        self.package.embedding
    }

    /// Dimensions of the space of grains.
    pub fn latent(&self) -> usize {
        self.package.latent
    }

    /// How long the hits of each class are at most, seconds.
    pub fn length_s(&self) -> &[f32] {
        &self.package.length_s
    }

    /// Its clouds of hits and of grains.
    pub fn tables(&self) -> &Arc<Tables> {
        &self.tables
    }

    /// The way of a hit through the space of grains: from its embedding `[embedding]` to a row `[latent]` for each grain, which
    /// `z` then holds, and the wave that it begins with beside what its grains say, `[ONSET_FRAMES]`, full scale is 1, which
    /// `onset` then holds. Blocks, allocates.
    ///
    /// # Errors
    /// When the runtime refuses, or the graph gives another size or values that are not numbers; what `z` and `onset` hold then
    /// counts for nothing.
    pub fn sequence(
        &mut self,
        e: &[f32],
        class: &[f32],
        f0_hz: f32,
        middles: &[usize],
        z: &mut Vec<f32>,
        onset: &mut Vec<f32>,
    ) -> Result<(), SessionError> {
        let given = given(&mut self.frames, class, f0_hz, middles);
        z.resize(middles.len() * self.package.latent, 0.0);
        onset.resize(ONSET_FRAMES, 0.0);
        let _call = self.watch.as_ref().map(Watch::call);
        self.sequence.run(&[("e", Tensor::Row(e))], given, &mut [("z", z), ("onset", onset)])
    }

    /// What is heard of grains `z`, a row `[latent]` for each. Blocks, allocates.
    ///
    /// # Errors
    /// As [`Self::sequence`].
    pub fn decode(
        &mut self,
        z: &[f32],
        class: &[f32],
        f0_hz: f32,
        middles: &[usize],
        out: &mut GrainRows,
    ) -> Result<(), SessionError> {
        let given = given(&mut self.frames, class, f0_hz, middles);
        let GrainRows { density_db, level_db, place } = out;
        density_db.resize(middles.len() * BANDS, 0.0);
        level_db.resize(middles.len() * SLOTS, 0.0);
        place.resize(middles.len() * SLOTS, 0.0);
        let _call = self.watch.as_ref().map(Watch::call);
        let outputs = &mut [("density_db", &mut density_db[..]), ("level_db", level_db), ("place", place)];
        self.decoder.run(&[("z", Tensor::Grid(z, self.package.latent))], given, outputs)
    }

    /// Where heard grains lie in the space of grains: from a row of
    /// [`Features`](crate::grains::features::Features) for each to one `[latent]`, which `z` then holds. Blocks, allocates; the
    /// first time it loads the encoder.
    ///
    /// # Errors
    /// As [`Self::load`] and [`Self::sequence`].
    pub fn encode_grains(
        &mut self,
        features: &[f32],
        class: &[f32],
        f0_hz: f32,
        middles: &[usize],
        z: &mut Vec<f32>,
    ) -> Result<(), SessionError> {
        let encoder = match &mut self.grain_encoder {
            Some(encoder) => encoder,
            none => none.insert(session::grain_encoder(&self.package)?),
        };
        let given = given(&mut self.frames, class, f0_hz, middles);
        z.resize(middles.len() * self.package.latent, 0.0);
        let _call = self.watch.as_ref().map(Watch::call);
        encoder.run(&[("features", Tensor::Grid(features, COLUMNS))], given, &mut [("z", z)])
    }

    /// Which hit was heard, from features as for [`Self::encode_grains`] and its first `wave` `[ONSET_FRAMES]`: its embedding
    /// `[embedding]` among the hits of `class`, and the shares of the classes `[class]` that it sounds like, whatever `class`
    /// says. Blocks, allocates; the first time it loads the encoder.
    ///
    /// # Errors
    /// As [`Self::encode_grains`], or when the shares do not add up to 1.
    pub fn encode_hit(
        &mut self,
        features: &[f32],
        wave: &[f32],
        class: &[f32],
        f0_hz: f32,
        middles: &[usize],
    ) -> Result<(Vec<f32>, Vec<f32>), SessionError> {
        let encoder = match &mut self.hit_encoder {
            Some(encoder) => encoder,
            none => none.insert(session::hit_encoder(&self.package)?),
        };
        let given = given(&mut self.frames, class, f0_hz, middles);
        let (mut e, mut kind) = (vec![0.0; self.package.embedding], vec![0.0; self.package.classes.len()]);
        let _call = self.watch.as_ref().map(Watch::call);
        let heard = [("features", Tensor::Grid(features, COLUMNS)), ("wave", Tensor::Row(wave))];
        encoder.run(&heard, given, &mut [("e", &mut e[..]), ("kind", &mut kind)])?;
        if are_shares(&kind) {
            return Ok((e, kind));
        }
        Err(encoder.failed(format!("its “kind” should be shares that add up to 1, and is {kind:?}")))
    }
}

/// What all calls are given, as graphs take it; `frames` is filled anew.
fn given<'a>(frames: &'a mut Vec<f32>, class: &'a [f32], f0_hz: f32, middles: &[usize]) -> Given<'a> {
    frames.clear();
    frames.extend(middles.iter().map(|&middle| middle as f32));
    Given { class, pitch: (f0_hz / 440.0).log2(), frames }
}

//! Hits of a grain model: the worker that owns one and makes those that the audio thread orders, and what else is made and heard
//! with one.

pub mod hear;
pub mod kit;
pub mod renderer;
pub mod resynthesis;
pub mod shared;
pub mod walk;
pub mod worker;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::model::grains::{GrainModel, GrainsPackage};

    /// The grain model of the fixtures, with two kinds of hits.
    pub(super) fn tick() -> GrainModel {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/granular");
        GrainModel::load(&GrainsPackage::open(&folder).unwrap()).unwrap()
    }
}

//! What a grain model says of its hits and grains: clouds to see, and to move in.

use crate::model::manifest::Check;
use crate::model::number_lists::are_within;
use crate::model::package_files::PackageError;

/// A package's tables.
#[derive(Clone, Debug)]
pub struct Tables {
    /// Embeddings of the training sound's hits, `[class][hit * embedding]`; where a class had fewer, some come twice. A class's
    /// plane is the first two numbers.
    pub hits: Vec<Vec<f32>>,
    /// Of the space of grains.
    pub cloud: Cloud,
}

/// Grains of the training sound, and the plane on which they are seen.
#[derive(Clone, Debug)]
pub struct Cloud {
    /// `[latent]`.
    pub middle: Vec<f32>,
    /// `[latent]` each.
    pub axes: [Vec<f32>; 2],
    /// `[grain * latent]`.
    pub grains: Vec<f32>,
    /// The class that each grain is from, `[grain]`.
    pub classes: Vec<usize>,
}

impl Tables {
    /// Of the lists as they stand in the file: hits of the classes; axes, middle, grains and classes of the cloud.
    ///
    /// # Errors
    /// When a value makes no sense.
    pub(super) fn of(
        check: &Check<'_>,
        [hits, grain_axes, grain_middle, grains, grain_classes]: [Vec<f32>; 5],
        [classes, latent]: [usize; 2],
    ) -> Result<Self, PackageError> {
        for (key, list, most) in [
            ("hits", &hits, 100.0),
            ("grain axes", &grain_axes, 1e4),
            ("grain middle", &grain_middle, 1e4),
            ("grain cloud", &grains, 1e4),
        ] {
            check.that(key, are_within(list, -most, most), &format!("values from -{most} to {most}"), "others")?;
        }
        let is_class = |&value: &f32| value.fract() == 0.0 && (0.0..classes as f32).contains(&value);
        let are_classes = grain_classes.iter().all(is_class);
        check.that("grain classes", are_classes, &format!("classes below {classes}"), "others")?;
        let (first, second) = grain_axes.split_at(latent);
        Ok(Self {
            hits: hits.chunks_exact(hits.len() / classes).map(<[f32]>::to_owned).collect(),
            cloud: Cloud {
                middle: grain_middle,
                axes: [first.to_owned(), second.to_owned()],
                grains,
                classes: grain_classes.into_iter().map(|class| class as usize).collect(),
            },
        })
    }
}

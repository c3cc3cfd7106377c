//! A path out of a file: a path file, or what the model hears in a sound.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use super::change::{Edit, LoadModel};
use crate::controls::Controls;
use crate::latent::set::most_hops;
use crate::latent::{Chain, LatentPath};
use crate::offline::audio_file::{self, Reader};
use crate::offline::latent_path::{self, PathEncoder};

/// What is to be imported.
pub struct Import {
    /// Into which slot; `None`: the first that is free.
    pub slot: Option<usize>,
    /// From which file.
    pub path: PathBuf,
    /// Whether that slot was free when it was asked for: then nothing that has come meanwhile is lost.
    pub is_free: bool,
}

impl Import {
    /// Puts what was read into its slot, under the file's name.
    pub fn edit(self, path: LatentPath) -> Edit {
        let name = self.path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        Edit::kept("Import path", move |set| {
            let no_room = "All slots hold something: clear one, and try again.";
            let is_taken = |n: &usize| self.is_free && (set.slot(*n).is_some() || set.unread(*n).is_some());
            let to = self.slot.filter(|n| !is_taken(n)).or_else(|| set.free_slot()).ok_or(no_room)?;
            set.with_path(to, &name, &path, &Chain::default())
        })
    }

    /// Reads it. Blocks, for a sound some hundredth of its length; ends early once `is_over`.
    ///
    /// # Errors
    /// In a sentence that names the file.
    pub fn read(&self, load: &LoadModel, is_over: &AtomicBool) -> Result<LatentPath, String> {
        let path = &self.path;
        let is_path = ["json", "npz"]
            .iter()
            .any(|known| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(known)));
        if is_path {
            return latent_path::read(path).map_err(|error| error.to_string());
        }
        let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let mut reader = Reader::open(path).map_err(|error| error.to_string())?;
        let mut model = load()?;
        let (request, most) = (model.request(), most_hops(model.shape().dims));
        let mut encoder = PathEncoder::new(reader.rate_hz(), model.as_mut(), request, &Controls::default());
        let mut block = Vec::new();
        while reader.next(&mut block).map_err(|error| error.to_string())? {
            encoder.push(&audio_file::mono(&block)).map_err(|error| failed(&error))?;
            if encoder.hops() > most {
                return Err(failed(&format!(
                    "is longer than the {most} hops that a slot holds. Cut it, and try again."
                )));
            }
            if is_over.load(Ordering::Relaxed) {
                return Err(failed(&"was left, since the plugin was closed."));
            }
        }
        encoder.finish().map_err(|error| failed(&error))
    }
}

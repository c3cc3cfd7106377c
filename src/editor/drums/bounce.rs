//! What is written to files: a hit, the loop, the walk. Each is made with a model of its own, so that what plays goes on.

use std::path::Path;

use plugin_ui::Tone;
use plugin_ui::session::Notice;

use super::files;
use crate::drums::PATTERNS;
use crate::drums::machine::MachineSettings;
use crate::editor::browser_lists::sentence;
use crate::engine::Slot;
use crate::hits::kit::Kit;
use crate::hits::renderer::Renderer;
use crate::instance::project_models::ProjectModels;
use crate::model::embedded::{self, ProjectModel};
use crate::model::loader::load_grains;
use crate::model::request::ModelRequest;
use crate::offline::audio_file::{Audio, SampleFormat, write_wav};
use crate::offline::drums::{DrumsError, Song, render_loop};

/// Floats: nothing is limited, however loud tracks are together.
const FORMAT: SampleFormat = SampleFormat::F32;

/// The rate of hits and walks, which is the model's own, Hz.
pub const RATE_HZ: u32 = 44_100;

/// What it is made with, whatever becomes of the instance meanwhile.
pub struct Source {
    request: ModelRequest,
    models: Vec<ProjectModel>,
    /// The hits of the tracks' own.
    pub kit: Kit,
}

impl Source {
    /// Of this moment.
    pub fn of(project: &ProjectModels, kit: Kit) -> Self {
        Self { request: project.wanted(Slot::First), models: project.models(), kit }
    }

    /// Loads the model. Blocks.
    ///
    /// # Errors
    /// Why not, and what to do.
    pub fn renderer(&self) -> Result<Renderer, String> {
        let brought = embedded::brought(&self.models, &self.request.hash);
        let loaded = load_grains(&self.request, brought.as_ref()).map_err(|error| error.to_string())?;
        Ok(Renderer::new(loaded.model))
    }

    /// Loads the model, and makes something mono with it, at [`RATE_HZ`]. Blocks.
    ///
    /// # Errors
    /// As [`Self::renderer`], or when it cannot be made.
    pub fn mono(
        &self,
        make: impl FnOnce(&mut Renderer, &Kit) -> Result<Vec<f32>, DrumsError>,
    ) -> Result<Audio, String> {
        let mono = make(&mut self.renderer()?, &self.kit).map_err(|error| error.to_string())?;
        Ok(Audio { rate_hz: RATE_HZ, channels: vec![mono] })
    }

    /// Loads the model, and plays a song behind the output gain (linear). Blocks.
    ///
    /// # Errors
    /// As [`Self::mono`].
    pub fn song(&self, song: &Song<'_>, gain: f32) -> Result<Audio, String> {
        let made = render_loop(self.renderer()?, self.kit.clone(), song);
        let mut channels = made.map_err(|error| error.to_string())?;
        channels.iter_mut().flatten().for_each(|sample| *sample *= gain);
        Ok(Audio { rate_hz: song.rate_hz, channels })
    }
}

/// As many bars as the patterns of the chain take.
pub fn bars(settings: &MachineSettings) -> u32 {
    settings.sequencer.chain.clamp(1, PATTERNS) as u32 * settings.sequencer.bars_each() as u32
}

/// Writes it to a new file; `what` begins a sentence, as “The hit”. Blocks. -> what the musician is told.
pub fn written(folder: Option<&Path>, stem: &str, what: &str, audio: Result<Audio, String>) -> Notice {
    let outcome = audio.and_then(|audio| {
        let folder = folder.ok_or("This user has no home folder, so nothing can be bounced. Set HOME to a folder.")?;
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("{}: cannot be made ({error}). Make its folder writable.", folder.display()))?;
        let to = files::reserve(folder, stem)
            .map_err(|error| format!("{}: takes no file ({error}). Make it writable.", folder.display()))?;
        write_wav(&to, &audio, FORMAT).map_err(|error| {
            // Nothing is in it; where it cannot be removed, the reason is worse than what is left.
            let _ = std::fs::remove_file(&to);
            error.to_string()
        })?;
        Ok(to)
    });
    match outcome {
        Ok(to) => Notice { tone: Tone::Good, text: format!("{what} is in {}.", to.display()) },
        Err(reason) => Notice { tone: Tone::Trouble, text: sentence(&reason) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offline::audio_file::read;

    #[test]
    fn a_bounce_is_in_a_new_file_to_the_bit_and_what_went_wrong_is_told() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("Music");
        let audio = Audio { rate_hz: RATE_HZ, channels: vec![vec![0.5, -1.5]] };
        for name in ["Drum hit.wav", "Drum hit 2.wav"] {
            let notice = written(Some(&folder), "Drum hit", "The hit", Ok(audio.clone()));
            assert_eq!(notice.tone, Tone::Good);
            assert!(notice.text.starts_with("The hit is in ") && notice.text.ends_with(&format!("{name}.")));
            assert_eq!(read(&folder.join(name)).unwrap().0, audio);
        }
        let told = |folder: Option<&Path>, audio| written(folder, "a", "The hit", audio);
        assert_eq!(told(Some(&folder), Err("the kit is gone".into())).text, "The kit is gone");
        assert!(told(None, Ok(audio.clone())).text.contains("no home folder"));
        let file = folder.join("Drum hit.wav");
        let notice = told(Some(&file), Ok(audio));
        assert!(notice.tone == Tone::Trouble && notice.text.contains("cannot be made"), "{}", notice.text);
    }
}

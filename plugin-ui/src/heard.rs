//! What the model is given to hear, in a word or two: the note, and whether it is loud enough.

use crate::format::note;
use crate::session::ModelCard;
use crate::{Status, param};

/// A note stays for so long after its pitch was heard last, seconds: words that flicker cannot be read.
const HOLD_S: f64 = 0.3;
/// How fast the level that is judged falls, dB a second.
const FALL_DB_PER_S: f64 = 12.0;
/// Below it there is nothing to hear, dB of full scale.
const SILENT_DB: f32 = -60.0;
/// Below it a model has little to go by, dB of full scale.
const QUIET_DB: f32 = -36.0;
/// From here on the input is cut off, or soon will be, dB of full scale.
const HOT_DB: f32 = -0.3;
/// How far beyond a model's notes a note is told to be out of them.
const BEYOND: f32 = 1.06;

/// Kept between frames.
#[derive(Debug)]
pub struct Heard {
    level_db: f32,
    seen_s: f64,
    pitch: Option<(f32, f64)>,
}

impl Default for Heard {
    /// Before anything was heard: silence.
    fn default() -> Self {
        Self { level_db: f32::NEG_INFINITY, seen_s: 0.0, pitch: None }
    }
}

/// What is said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hearing {
    /// A few words for the bar.
    pub words: String,
    /// A sentence for the tooltip, with what to do.
    pub about: String,
    /// Whether something should be done.
    pub is_warning: bool,
}

impl Heard {
    /// Takes the frame's level and sound.
    pub fn update(&mut self, status: &Status, now_s: f64) {
        let fallen = (FALL_DB_PER_S * (now_s - self.seen_s).max(0.0)) as f32;
        self.level_db = (self.level_db - fallen).max(status.input_level_db).max(SILENT_DB * 2.0);
        self.seen_s = now_s;
        if let Some(hz) = status.sound.iter().rev().find_map(|column| column.input_hz) {
            self.pitch = Some((hz, now_s));
        }
        self.pitch = self.pitch.filter(|(_, at_s)| now_s - at_s < HOLD_S);
    }

    /// In words, for a model of which `card` is known; `moved_st` is how far the musician has it transposed, `None` where the
    /// plugin itself brings it among the model's notes.
    pub fn says(&self, card: Option<&ModelCard>, moved_st: Option<f32>) -> Hearing {
        let say = |words: &str, about: &str, is_warning: bool| Hearing {
            words: words.to_owned(),
            about: about.to_owned(),
            is_warning,
        };
        if self.level_db < SILENT_DB {
            return say("nothing", "Nothing comes in. Play, sing, or start the song.", false);
        }
        let follows_pitch = card.is_none_or(|card| card.pitch_hz.is_some() && card.stage != "general");
        let pitch_hz = self.pitch.filter(|_| follows_pitch).map(|(hz, _)| hz);
        let words = match pitch_hz {
            Some(hz) => note(hz),
            None if follows_pitch => "no note".to_owned(),
            None => "sound".to_owned(),
        };
        if self.level_db > HOT_DB {
            return say(
                &format!("{words}, too loud"),
                "The input is at its limit. Turn it down before the plugin.",
                true,
            );
        }
        if self.level_db < QUIET_DB {
            let about = "It is quiet, and the model will play softly and dully. Turn Input up.";
            return say(&format!("{words}, quiet"), about, false);
        }
        let range = card.and_then(|card| card.pitch_hz);
        let (Some(hz), Some([low, high]), Some(moved_st)) = (pitch_hz, range, moved_st) else {
            let about = match (follows_pitch, pitch_hz) {
                (true, None) => "This model plays one note at a time, and hears none now: a chord, a drum, a breath.",
                _ => "The level is good.",
            };
            return say(&words, about, false);
        };
        let played = hz * (moved_st / 12.0).exp2();
        let place = match played {
            _ if played > high * BEYOND => "above",
            _ if played < low / BEYOND => "below",
            _ => return say(&words, "The level is good, and the note is one of the model's own.", false),
        };
        let [low, high] = [low, high].map(note);
        let about = format!(
            "This note is {place} those that the model learned ({low} to {high}). Set Octave to Fit, or use Transpose."
        );
        say(&words, &about, false)
    }
}

/// How far the window's Transpose moves what is heard, semitones; `None` where Octave is at Fit.
pub fn moved_st(params: &dyn crate::ParamBackend) -> Option<f32> {
    let is_played = params.normalised(param::OCTAVE) < 0.5;
    is_played.then(|| params.plain(param::TRANSPOSE, params.normalised(param::TRANSPOSE)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SOUND_BANDS, SoundColumn};

    fn playing(level_db: f32, input_hz: Option<f32>) -> Status {
        let column = SoundColumn {
            at_s: 1.0,
            input_db: [-60.0; SOUND_BANDS],
            output_db: [-60.0; SOUND_BANDS],
            input_hz,
            output_hz: None,
            input_loudness_db: -20.0,
            output_loudness_db: -20.0,
        };
        Status { input_level_db: level_db, sound: vec![column], ..Status::default() }
    }

    fn cello() -> ModelCard {
        ModelCard { pitch_hz: Some([65.0, 1000.0]), stage: "pitched".into(), ..ModelCard::default() }
    }

    fn said(level_db: f32, input_hz: Option<f32>, card: &ModelCard, moved_st: f32) -> Hearing {
        let mut heard = Heard::default();
        heard.update(&playing(level_db, input_hz), 1.0);
        heard.says(Some(card), Some(moved_st))
    }

    #[test]
    fn it_says_the_note_and_the_level_and_what_to_do() {
        assert_eq!(said(-12.0, Some(220.0), &cello(), 0.0).words, "A3");
        assert!(said(-12.0, Some(220.0), &cello(), 0.0).about.contains("one of the model's own"));
        assert_eq!(said(-12.0, None, &cello(), 0.0).words, "no note");
        assert_eq!(said(-80.0, Some(220.0), &cello(), 0.0).words, "nothing");
        assert_eq!(said(-45.0, Some(220.0), &cello(), 0.0).words, "A3, quiet");
        let hot = said(0.0, Some(220.0), &cello(), 0.0);
        assert!(hot.words == "A3, too loud" && hot.is_warning);
    }

    #[test]
    fn a_note_beyond_the_models_is_told_until_it_is_transposed_into_them() {
        let high = said(-12.0, Some(1760.0), &cello(), 0.0);
        assert!(high.about.contains("above") && high.about.contains("Fit"), "{}", high.about);
        assert!(said(-12.0, Some(40.0), &cello(), 0.0).about.contains("below"));
        assert!(said(-12.0, Some(1760.0), &cello(), -12.0).about.contains("own"));
    }

    #[test]
    fn nobody_is_told_to_fit_what_is_fitted_already_and_a_new_window_hears_nothing() {
        let mut heard = Heard::default();
        assert_eq!(heard.says(Some(&cello()), Some(0.0)).words, "nothing");
        heard.update(&playing(-12.0, Some(1760.0)), 0.0);
        assert_eq!(heard.says(Some(&cello()), None).about, "The level is good.");
        let mut params = crate::fake::FakeParams::default();
        assert_eq!(moved_st(&params), Some(0.0));
        params.put(param::OCTAVE, 1.0);
        assert_eq!(moved_st(&params), None);
    }

    #[test]
    fn a_model_that_shapes_any_sound_asks_for_no_note() {
        let drums = ModelCard { stage: "general".into(), ..ModelCard::default() };
        assert_eq!(said(-12.0, Some(220.0), &drums, 0.0).words, "sound");
    }

    #[test]
    fn a_note_and_a_level_are_held_long_enough_to_be_read_and_no_longer() {
        let mut heard = Heard::default();
        heard.update(&playing(-12.0, Some(220.0)), 1.0);
        heard.update(&playing(f32::NEG_INFINITY, None), 1.2);
        assert_eq!(heard.says(Some(&cello()), Some(0.0)).words, "A3");
        heard.update(&playing(f32::NEG_INFINITY, None), 1.4);
        assert_eq!(heard.says(Some(&cello()), Some(0.0)).words, "no note");
        heard.update(&playing(f32::NEG_INFINITY, None), 7.0);
        assert_eq!(heard.says(Some(&cello()), Some(0.0)).words, "nothing");
    }
}

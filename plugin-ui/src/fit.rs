//! Listens for a few seconds, and says how the input comes to lie where a model plays well.

use crate::session::ModelCard;
use crate::typed::{self, Quantity};
use crate::{ParamBackend, ParamId, SoundColumn, param};

/// For so long it listens, of sound: rests do not count.
pub const LISTENS_S: f64 = 4.0;
/// What is so much softer than the loudest is a rest, dB; and so is all below [`SILENT_DB`].
const REST_DB: f32 = 40.0;
const SILENT_DB: f32 = -65.0;
/// No column stands for more than this, seconds: between two of them the song may have stood still.
const LONGEST_S: f64 = 0.05;
/// Of fewer columns with a pitch none is made out.
const FEWEST_PITCHES: usize = 20;
/// Dynamics are narrowed to no less: what is played softly stays soft.
const NARROWEST: f32 = 0.7;
/// Transpose goes no farther, octaves.
const FARTHEST: f32 = 2.0;

/// What is gathered while it listens.
#[derive(Debug, Default)]
pub struct Fit {
    listening: Option<Gathered>,
}

#[derive(Debug, Default)]
struct Gathered {
    last_s: Option<f64>,
    heard_s: f64,
    loudness_db: Vec<f32>,
    pitch_hz: Vec<f32>,
}

impl Fit {
    /// Begins to listen, or gives it up.
    pub fn toggle(&mut self) {
        self.listening = if self.listening.is_some() { None } else { Some(Gathered::default()) };
    }

    /// How much is still to be heard, seconds; `None` while it does not listen.
    pub fn left_s(&self) -> Option<f64> {
        self.listening.as_ref().map(|gathered| (LISTENS_S - gathered.heard_s).max(0.0))
    }

    /// Takes what was heard since the last call.
    pub fn hear(&mut self, columns: &[SoundColumn]) {
        let Some(gathered) = &mut self.listening else { return };
        for column in columns {
            let before_s = gathered.last_s.replace(column.at_s).unwrap_or(column.at_s);
            if column.input_loudness_db <= SILENT_DB {
                continue;
            }
            gathered.heard_s += (column.at_s - before_s).clamp(0.0, LONGEST_S);
            gathered.loudness_db.push(column.input_loudness_db);
            gathered.pitch_hz.extend(column.input_hz);
        }
    }

    /// Once it has heard enough: the settings by which the input suits a model, as one types them, and it rests.
    pub fn take(&mut self, card: &ModelCard, params: &dyn ParamBackend) -> Option<Vec<(ParamId, String)>> {
        if self.left_s()? > 0.0 {
            return None;
        }
        self.listening.take().map(|gathered| gathered.settings(card, params))
    }
}

impl Gathered {
    fn settings(mut self, card: &ModelCard, params: &dyn ParamBackend) -> Vec<(ParamId, String)> {
        let mut settings = Vec::new();
        let [low_hz, high_hz] = card.pitch_hz.unwrap_or_default();
        if low_hz > 0.0 && self.pitch_hz.len() >= FEWEST_PITCHES {
            let home = (low_hz * high_hz).sqrt();
            let octaves = (home / percentile(&mut self.pitch_hz, 0.5)).log2().round().clamp(-FARTHEST, FARTHEST);
            settings.push((param::OCTAVE, "As Played".to_owned()));
            settings.push((param::TRANSPOSE, format!("{:.0} st", 12.0 * octaves + 0.0)));
        }
        let loudest = self.loudness_db.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        self.loudness_db.retain(|db| *db > loudest - REST_DB);
        let [middle, loud] = [0.5, 0.95].map(|share| percentile(&mut self.loudness_db, share));
        let [_, model_loud] = card.loudness_db;
        // What is loud shall not pass the model's own.
        let range = ((model_loud - card.middle_loudness_db) / (loud - middle).max(1.0)).clamp(NARROWEST, 1.0);
        let offset = (card.middle_loudness_db - middle - gain_db(params)) * range;
        settings.push((param::LOUDNESS_RANGE, format!("{:.0} %", 100.0 * range)));
        settings.push((param::LOUDNESS_OFFSET, format!("{offset:.1} dB")));
        settings
    }
}

/// What the model hears is louder by so much than what comes in, dB.
fn gain_db(params: &dyn ParamBackend) -> f32 {
    let text = params.text(param::INPUT_GAIN, params.normalised(param::INPUT_GAIN));
    typed::read(&text, Quantity::Decibels, [-100.0, 100.0]).unwrap_or(0.0)
}

/// The value that so large a share lies below; sorts them. 0 of none.
fn percentile(values: &mut [f32], share: f32) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(((values.len().saturating_sub(1)) as f32 * share).round() as usize).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SOUND_BANDS;
    use crate::fake::FakeParams;

    fn column(at_s: f64, loudness_db: f32, input_hz: Option<f32>) -> SoundColumn {
        SoundColumn {
            at_s,
            input_db: [-60.0; SOUND_BANDS],
            output_db: [-60.0; SOUND_BANDS],
            input_hz,
            output_hz: None,
            input_loudness_db: loudness_db,
            output_loudness_db: -20.0,
        }
    }

    /// A cello: 65 to 520 Hz, its middle at -26 dB(A), its loudest at -16.
    fn cello() -> ModelCard {
        ModelCard {
            pitch_hz: Some([65.4, 523.3]),
            loudness_db: [-48.0, -16.0],
            middle_loudness_db: -26.0,
            ..ModelCard::default()
        }
    }

    /// What comes of so many seconds of a sound.
    fn fitted(params: &FakeParams, sound: impl Fn(f64) -> (f32, Option<f32>)) -> Option<Vec<(ParamId, String)>> {
        let mut fit = Fit::default();
        fit.toggle();
        for n in 0..300 {
            let at_s = f64::from(n) * 0.02;
            let (loudness_db, hz) = sound(at_s);
            fit.hear(&[column(at_s, loudness_db, hz)]);
        }
        fit.take(&cello(), params)
    }

    fn value(settings: &[(ParamId, String)], id: ParamId) -> &str {
        &settings.iter().find(|(set, _)| *set == id).expect("it is set").1
    }

    #[test]
    fn a_soft_flute_comes_down_two_octaves_and_up_to_the_models_middle() {
        let settings = fitted(&FakeParams::default(), |_| (-34.0, Some(880.0))).expect("six seconds are enough");
        assert_eq!(value(&settings, param::TRANSPOSE), "-24 st");
        assert_eq!(value(&settings, param::LOUDNESS_OFFSET), "8.0 dB");
        assert_eq!(value(&settings, param::LOUDNESS_RANGE), "100 %");
        let mut louder = FakeParams::default();
        louder.put_plain(param::INPUT_GAIN, 6.0);
        let settings = fitted(&louder, |_| (-34.0, Some(880.0))).expect("enough");
        assert_eq!(value(&settings, param::LOUDNESS_OFFSET), "2.0 dB", "the gain before the model counts");
    }

    #[test]
    fn wide_dynamics_are_narrowed_until_loud_is_as_loud_as_the_model_knows() {
        // Twelve decibels from the middle to what is loud; the model has ten.
        let settings = fitted(&FakeParams::default(), |at_s| {
            let loud = at_s % 1.0 < 0.3;
            (if loud { -14.0 } else { -26.0 }, Some(196.0))
        });
        let settings = settings.expect("enough");
        assert_eq!(value(&settings, param::LOUDNESS_RANGE), "83 %");
        assert_eq!(value(&settings, param::TRANSPOSE), "0 st");
    }

    #[test]
    fn rests_are_not_counted_and_drums_leave_transpose_as_it_is() {
        let half = |at_s: f64| if at_s % 1.0 < 0.5 { (-20.0, None) } else { (-90.0, None) };
        assert_eq!(fitted(&FakeParams::default(), half), None, "three seconds of sound are too few");
        let settings = fitted(&FakeParams::default(), |_| (-20.0, None)).expect("enough");
        assert!(settings.iter().all(|(id, _)| *id != param::TRANSPOSE && *id != param::OCTAVE));
    }

    #[test]
    fn it_can_be_given_up() {
        let mut fit = Fit::default();
        fit.toggle();
        assert_eq!(fit.left_s(), Some(LISTENS_S));
        fit.toggle();
        assert_eq!((fit.left_s(), fit.take(&cello(), &FakeParams::default())), (None, None));
    }
}

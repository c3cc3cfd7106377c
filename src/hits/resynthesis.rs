//! A sound of any length, made again of a model's grains: cut where something is struck, and each piece heard and made anew.

use std::ops::Range;

use super::hear::{alone, hear};
use super::pitch::{note_changes, pitch_for};
use super::renderer::{PEAK, SILENT};
use crate::drums::chance::seed;
use crate::dsp::attack::AttackDetector;
use crate::grains::features::Analyser;
use crate::grains::schedule::{MOST_FRAMES, RATE_HZ};
use crate::grains::synth::{GrainSynth, Grains};
use crate::model::grains::{GrainModel, GrainRows};
use crate::model::graph::SessionError;

/// Levels are looked at that far apart, frames.
const HOP_FRAMES: usize = 256;

/// What is softer than the loudest moment by this is no stroke, dB.
const RANGE_DB: f32 = 50.0;

/// A cut lies that far before what is struck, frames.
const LEAD_FRAMES: usize = 16;

/// From a cut to the next one at least, frames: 50 ms.
const LEAST_FRAMES: usize = 2205;

/// A piece fades into the next one, or out before the next stroke, over this, frames: 5 ms.
const FADE_FRAMES: usize = 220;

/// A note fades into the next one over this, frames: 20 ms. Its partials begin anew, and in a shorter time that is a click.
const NOTE_FADE_FRAMES: usize = 882;

/// Where a sound was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its first frame.
    pub from: usize,
    /// What it was heard and made as.
    pub class: usize,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resynthesis {
    /// Mono, at [`RATE_HZ`], as many as there were.
    pub frames: Vec<f32>,
    /// Those that hold a sound, in their order.
    pub pieces: Vec<Piece>,
}

/// Makes a sound at [`RATE_HZ`] again, of the grains of one class, or each stroke of those of the class that it sounds like most. No
/// piece is longer than the hits of its class. Blocks, for about as long as making hits of this length; allocates.
///
/// # Errors
/// When the model fails.
pub fn resynthesise(
    model: &mut GrainModel,
    sound: &[f32],
    class: Option<usize>,
    take: u64,
) -> Result<Resynthesis, SessionError> {
    let made = Resynthesis { frames: vec![0.0; sound.len()], pieces: Vec::new() };
    let mut maker = Maker {
        fade_frames: model.package().pitch.map_or(FADE_FRAMES, |_| NOTE_FADE_FRAMES),
        model,
        synth: GrainSynth::new(),
        analyser: Analyser::new(),
        take,
        sound,
        made,
    };
    let cuts = cuts(sound);
    // A model that is asked for a pitch makes one note at a time.
    let changes = maker.model.package().pitch.map_or_else(Vec::new, |_| note_changes(sound));
    for (n, &struck) in cuts.iter().enumerate() {
        let stroke = struck..cuts.get(n + 1).copied().unwrap_or(sound.len());
        // One class is enough, and what is silent is none.
        let Some(heard) = hear(maker.model, &sound[stroke.clone()], class)? else { continue };
        let longest = (f64::from(maker.model.length_s()[heard.class]) * RATE_HZ) as usize;
        let longest = longest.clamp(LEAST_FRAMES, MOST_FRAMES - NOTE_FADE_FRAMES);
        // A change that comes with a stroke is found a little before or behind it.
        let between = struck + LEAST_FRAMES..stroke.end.saturating_sub(LEAST_FRAMES);
        let own = changes.iter().copied().filter(|change| between.contains(change));
        for note in parts(stroke.clone(), own, usize::MAX) {
            let f0_hz = pitch_for(maker.model.package(), &sound[note.clone()]).or(heard.f0_hz);
            for part in parts(note, std::iter::empty(), longest) {
                maker.add(part, &stroke, heard.class, f0_hz)?;
            }
        }
    }
    Ok(maker.made)
}

struct Maker<'a> {
    model: &'a mut GrainModel,
    synth: GrainSynth,
    analyser: Analyser,
    take: u64,
    sound: &'a [f32],
    fade_frames: usize,
    made: Resynthesis,
}

impl Maker<'_> {
    /// Makes a part of a stroke again and adds it to what was made before.
    fn add(
        &mut self,
        Range { start: from, end: to }: Range<usize>,
        stroke: &Range<usize>,
        class: usize,
        f0_hz: Option<f32>,
    ) -> Result<(), SessionError> {
        let fade_frames = self.fade_frames;
        // Into the next part of the stroke; before the next stroke, which would be heard in this one too.
        let (heard_to, fade_out) = match to {
            to if to < stroke.end => ((to + fade_frames).min(stroke.end), (to + fade_frames).min(stroke.end) - to),
            to if to < self.sound.len() => (to, FADE_FRAMES),
            to => (to, 0),
        };
        let sound = self.sound;
        if let Some(mut piece) = self.make(&sound[from..heard_to], class, f0_hz, from as u64)? {
            // A stroke keeps its edge.
            let fade_in = if from == stroke.start { 0 } else { fade_frames };
            fade(&mut piece, fade_in, fade_out);
            self.made.frames[from..].iter_mut().zip(piece).for_each(|(frame, added)| *frame += added);
            self.made.pieces.push(Piece { from, class });
        }
        Ok(())
    }

    /// Hears a piece and makes it again, as loud and as long; `None` where it is silent.
    fn make(
        &mut self,
        sound: &[f32],
        class: usize,
        f0_hz: Option<f32>,
        from: u64,
    ) -> Result<Option<Vec<f32>>, SessionError> {
        let peak = peak(sound);
        if !(peak > SILENT && peak.is_finite()) {
            return Ok(None);
        }
        // As loud as those that models are trained on.
        let scaled: Vec<f32> = sound.iter().map(|sample| sample / peak * PEAK).collect();
        let f0_hz = f0_hz.unwrap_or(self.model.package().middle_hz());
        let slots = self.model.package().slots(f0_hz);
        let class = alone(class, self.model.classes().len());
        let features = self.analyser.hear(&scaled, slots);
        let (mut z, mut rows) = (Vec::new(), GrainRows::default());
        self.model.encode_grains(&features.rows, &class, f0_hz, &features.middles, &mut z)?;
        self.model.decode(&z, &class, f0_hz, &features.middles, &mut rows)?;
        let GrainRows { density_db, level_db, place } = &rows;
        let grains = Grains { density_db, level_db, place, middles: &features.middles, onset: &[] };
        let made = self.synth.synthesise(grains, slots, sound.len(), seed([self.take, from]));
        Ok(Some(made.into_iter().map(|sample| sample * peak / PEAK).collect()))
    }
}

/// Cuts a range at these places, which rise within it, and what is longer than `longest` into equal parts: a short rest would be
/// over before it has faded in.
fn parts(range: Range<usize>, at: impl Iterator<Item = usize>, longest: usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut from = range.start;
    for to in at.chain([range.end]).filter(|to| *to > range.start) {
        let count = (to - from).div_ceil(longest);
        let length = (to - from).div_ceil(count.max(1));
        while from < to {
            parts.push(from..to.min(from + length));
            from = to.min(from + length);
        }
    }
    parts
}

fn peak(sound: &[f32]) -> f32 {
    sound.iter().fold(0.0, |peak, sample| peak.max(sample.abs()))
}

/// Straight ways up from silence and down to it, frames.
fn fade(sound: &mut [f32], up: usize, down: usize) {
    let count = sound.len();
    for (n, sample) in sound.iter_mut().enumerate() {
        let (begun, left) = ((n + 1) as f32 / (up + 1) as f32, (count - n) as f32 / (down + 1) as f32);
        *sample *= begun.min(left).min(1.0);
    }
}

/// Where something is struck, and the beginning.
fn cuts(sound: &[f32]) -> Vec<usize> {
    let level_db = |part: &[f32]| {
        let power = part.iter().map(|sample| sample * sample).sum::<f32>() / part.len() as f32;
        10.0 * power.max(1e-12).log10()
    };
    let levels_db: Vec<f32> = sound.chunks(HOP_FRAMES).map(level_db).collect();
    let floor_db = levels_db.iter().fold(f32::NEG_INFINITY, |most, level_db| most.max(*level_db)) - RANGE_DB;
    let mut detector = AttackDetector::after(floor_db);
    let mut cuts = vec![0];
    for (hop, level_db) in levels_db.iter().enumerate() {
        if !detector.next(level_db.max(floor_db)) {
            continue;
        }
        let from = hop.saturating_sub(1) * HOP_FRAMES;
        let around = &sound[from..((hop + 1) * HOP_FRAMES).min(sound.len())];
        // It rises from there on: above what rang before, and above what is nothing beside it.
        let rang = peak(&sound[from.saturating_sub(HOP_FRAMES)..from]);
        let threshold = (1.2 * rang).max(0.02 * peak(around));
        let edge = around.iter().position(|sample| sample.abs() >= threshold).unwrap_or(0);
        let cut = (from + edge).saturating_sub(LEAD_FRAMES);
        if cut >= cuts[cuts.len() - 1] + LEAST_FRAMES {
            cuts.push(cut);
        }
    }
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drums::recipe::Recipe;
    use crate::hits::renderer::Renderer;
    use crate::hits::tests::{period_hz, tick, tock};

    /// Clicks that die away, at these frames.
    fn clicks(at: &[usize], frames: usize) -> Vec<f32> {
        let mut sound = vec![0.0; frames];
        for &from in at {
            for (n, sample) in sound[from..].iter_mut().enumerate() {
                *sample += 0.5 * (-(n as f32) / 500.0).exp() * (n as f32 * 0.3).cos();
            }
        }
        sound
    }

    #[test]
    fn a_sound_is_cut_where_it_is_struck_and_nowhere_else() {
        let strokes = [0, 9_000, 20_000, 31_111];
        let found = cuts(&clicks(&strokes, 50_000));
        assert_eq!(found.len(), strokes.len(), "{found:?}");
        for (cut, stroke) in found.iter().zip(strokes) {
            assert!(stroke.saturating_sub(2 * LEAD_FRAMES) <= *cut && *cut <= stroke, "{found:?}");
        }
        let sine: Vec<f32> = (0..50_000).map(|n| (n as f32 * 0.05).sin()).collect();
        // It begins.
        assert_eq!(cuts(&sine), [0]);
        assert_eq!((cuts(&[]), cuts(&[0.0; 9000])), (vec![0], vec![0]));
    }

    #[test]
    fn parts_are_no_longer_than_they_may_be_and_leave_nothing_out() {
        assert_eq!(parts(10..100, [30, 80].into_iter(), 40), [10..30, 30..55, 55..80, 80..100]);
        assert_eq!(parts(0..5, std::iter::empty(), 9), vec![Range { start: 0, end: 5 }]);
        assert_eq!(parts(5..5, std::iter::empty(), 9), []);
    }

    #[test]
    fn a_model_that_is_asked_for_a_pitch_plays_the_notes_that_it_hears() {
        let tone = |hz: f32, n: usize| 0.5 * (std::f32::consts::TAU * hz * n as f32 / RATE_HZ as f32).sin();
        let sound: Vec<f32> = (0..44_100).map(|n| tone(if n < 22_050 { 247.0 } else { 370.0 }, n)).collect();
        let made = resynthesise(&mut tock(), &sound, Some(0), 1).unwrap();
        assert!(made.pieces.iter().any(|piece| piece.from.abs_diff(22_050) < 1500), "{:?}", made.pieces);
        for (part, wanted_hz) in [(2_000..20_000, 247.0), (26_000..42_000, 370.0)] {
            let found_hz = period_hz(&made.frames[part], [200.0, 400.0], RATE_HZ as f32);
            assert!((1200.0 * (found_hz / wanted_hz).log2()).abs() < 60.0, "{found_hz}, not {wanted_hz}");
        }
    }

    #[test]
    fn fades_of_neighbours_add_up() {
        let (mut up, mut down) = (vec![1.0; 300], vec![1.0; 300]);
        fade(&mut up, FADE_FRAMES, 0);
        fade(&mut down, 0, FADE_FRAMES);
        let overlap = down[300 - FADE_FRAMES..].iter().zip(&up);
        assert!(overlap.map(|(down, up)| down + up).all(|sum| (sum - 1.0).abs() < 1e-5));
        assert!(up[FADE_FRAMES..].iter().chain(&down[..300 - FADE_FRAMES]).all(|gain| *gain == 1.0));
    }

    #[test]
    fn a_sound_is_made_again_as_long_as_it_was_with_its_silence_and_the_same_of_a_take() {
        let mut renderer = Renderer::new(tick());
        let hit = renderer.render(&Recipe { draw: 2, ..Recipe::default() }, &[]).unwrap().frames;
        let mut sound = vec![0.0; 30_000];
        sound[8_000..8_000 + hit.len()].copy_from_slice(&hit);
        let mut again = |class, take| resynthesise(renderer.model_mut(), &sound, class, take).unwrap();
        let made = again(Some(1), 1);
        assert_eq!((made.frames.len(), made.pieces.iter().all(|piece| piece.class == 1)), (30_000, true));
        assert!(made.frames.iter().all(|sample| sample.is_finite()));
        assert!(peak(&made.frames[7_900..12_000]) > 1e-3, "{}", peak(&made.frames));
        assert_eq!(peak(&made.frames[..7_900]), 0.0);
        assert_eq!(again(Some(1), 1), made);
        assert_ne!(again(Some(1), 2), made);
        assert!(again(None, 1).pieces.iter().any(|piece| piece.from.abs_diff(8_000) < 100));
        assert_eq!(resynthesise(&mut tick(), &[], None, 1).unwrap(), Resynthesis::default());
    }
}

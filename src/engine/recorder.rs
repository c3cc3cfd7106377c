//! Records what the first model hears as a latent path, hop by hop, with what came before it was asked for.

use std::collections::VecDeque;
use std::sync::Arc;

use super::tape::{Recording, Take, Tape};
use crate::controls::PathControls;
use crate::latent::set::most_hops;
use crate::latent::{LatentHop, LatentPath};
use crate::model::Shape;
use crate::model::request::ModelRequest;

/// So much of what came before can be recorded, seconds.
const MOST_PRE_ROLL_S: f64 = 10.0;

/// After as much a recording ends by itself, seconds.
const LONGEST_S: f64 = 20.0 * 60.0;

/// A hop that is louder is a sound, dB(A) re full scale.
const SOUND_DB: f32 = -50.0;

/// Hops by which the song may go on from one to the next; more is a leap.
const LEAP_HOPS: f64 = 2.0;

/// When a recording begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecordStart {
    /// With the next hop.
    #[default]
    Now,
    /// With the next bar line of the song; at once where it stands still.
    Bar,
    /// With the first hop that is a sound.
    Sound,
}

/// How long a recording is, from its beginning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RecordLength {
    /// Until it is ended.
    Open,
    /// Seconds.
    Seconds(f32),
    /// Bars of the song's tempo and signature when it begins.
    Bars(u32),
}

/// What shall be recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecordAsk {
    /// For which slot, from 0.
    pub slot: usize,
    /// When it begins.
    pub start: RecordStart,
    /// How long it is.
    pub length: RecordLength,
    /// What came so long before its beginning is recorded, too; seconds, 0 to 10.
    pub pre_roll_s: f32,
}

#[derive(Default)]
enum State {
    #[default]
    Off,
    Waiting(RecordAsk),
    Running(Run),
}

/// A recording that is under way.
struct Run {
    slot: usize,
    hops: Vec<LatentHop>,
    wanted_hops: Option<usize>,
    most_hops: usize,
}

/// See the module. Belongs to the worker; allocates where a model comes and where a recording begins.
pub(super) struct Recorder {
    tape: Arc<Tape>,
    /// A path of the model that listens, with nothing in it; `None` while there is none.
    of: Option<LatentPath>,
    /// The last hops, oldest first, [`MOST_PRE_ROLL_S`] of them.
    before: VecDeque<LatentHop>,
    /// What was heard last.
    last: Option<LatentHop>,
    /// Where the song was in the last hop, in quarter notes.
    last_beats: Option<f64>,
    state: State,
}

impl Recorder {
    pub(super) fn new(tape: Arc<Tape>) -> Self {
        Self { tape, of: None, before: VecDeque::new(), last: None, last_beats: None, state: State::Off }
    }

    /// This model listens from now on, as a path names it. Another one ends the recording, and what there is of it is kept.
    pub(super) fn meet(&mut self, model: Option<(ModelRequest, Shape)>) {
        let of = model.as_ref().map(|(request, shape)| LatentPath::of(request.clone(), shape));
        if of == self.of {
            return;
        }
        self.restart();
        self.of = of;
        self.before = VecDeque::with_capacity(self.hops_of(MOST_PRE_ROLL_S));
        self.tape.set_model(model);
    }

    /// Another stream: the recording ends, and what there is of it is kept.
    pub(super) fn restart(&mut self) {
        self.end(true);
        self.forget();
    }

    /// The stream begins anew: nothing came before.
    pub(super) fn forget(&mut self) {
        self.before.clear();
        (self.last, self.last_beats) = (None, None);
    }

    /// A hop was played in which the model did not listen: what it heard before that is neither a moment of now nor what came
    /// before a recording.
    pub(super) fn miss(&mut self) {
        self.forget();
        self.tape.forget_heard();
    }

    /// Whether it waits or is under way.
    pub(super) fn is_on(&self) -> bool {
        !matches!(self.state, State::Off)
    }

    /// Whether there is a hop that goes on while nobody listens.
    pub(super) fn has_heard(&self) -> bool {
        self.last.is_some()
    }

    /// Arms a recording. One that is under way ends, and is kept.
    pub(super) fn ask(&mut self, ask: RecordAsk) {
        self.end(true);
        self.state = State::Waiting(ask);
        self.tape.set_recording(Recording::Waiting { slot: ask.slot });
    }

    /// Ends the recording, if there is one; what there is of it is kept, or not.
    pub(super) fn end(&mut self, keep: bool) {
        let state = std::mem::take(&mut self.state);
        if let (State::Running(run), Some(of), true) = (state, &self.of, keep) {
            self.tape.put(Take { slot: run.slot, path: Arc::new(LatentPath { hops: run.hops, ..of.emptied() }) });
        }
        self.tape.set_recording(Recording::Off);
    }

    /// The next hop of the stream, as it was heard at this place of the song. Where nobody listened, since all is silent or it came
    /// too late, what was heard last goes on; where another model alone was heard, see [`Self::miss`].
    pub(super) fn hear(&mut self, hop: Option<LatentHop>, song: &PathControls) {
        let Some(hop) = hop.or(self.last) else { return };
        self.last = Some(hop);
        self.tape.note_heard(hop);
        let beats = song.beats.map(|beats| beats + song.since_s * song.beats_per_s);
        if let State::Waiting(ask) = self.state
            && self.begins(ask.start, hop, beats, song)
        {
            self.begin(ask, song);
        }
        self.last_beats = beats;
        if let State::Running(run) = &mut self.state {
            run.hops.push(hop);
            if run.hops.len() >= run.wanted_hops.unwrap_or(run.most_hops) {
                self.end(true);
            }
        }
        if let (State::Running(run), Some(of)) = (&self.state, &self.of) {
            let Run { slot, wanted_hops, .. } = *run;
            self.tape.note_progress(Recording::Running { slot, hops: run.hops.len(), wanted_hops, hop_s: of.hop_s() });
        }
        while !self.before.is_empty() && self.before.len() >= self.hops_of(MOST_PRE_ROLL_S) {
            self.before.pop_front();
        }
        self.before.push_back(hop);
    }

    fn begins(&self, start: RecordStart, hop: LatentHop, beats: Option<f64>, song: &PathControls) -> bool {
        match (start, beats) {
            (RecordStart::Now, _) | (RecordStart::Bar, None) => true,
            (RecordStart::Sound, _) => hop.loudness_db > SOUND_DB,
            (RecordStart::Bar, Some(beats)) => {
                let hop_beats = self.of.as_ref().map_or(0.0, LatentPath::hop_s) * song.beats_per_s;
                let went_on = |last: &f64| (0.0..LEAP_HOPS * hop_beats).contains(&(beats - last));
                let last = self.last_beats.filter(went_on).unwrap_or(beats - hop_beats);
                // The hop that is nearest to the line.
                let bar = |beats: f64| ((beats + 0.5 * hop_beats) / song.bar_beats).floor();
                bar(beats) > bar(last)
            }
        }
    }

    fn begin(&mut self, ask: RecordAsk, song: &PathControls) {
        let Some(of) = &self.of else { return };
        let most_hops = self.hops_of(LONGEST_S).min(most_hops(of.dims)).max(1);
        let pre_roll_s = f64::from(ask.pre_roll_s).clamp(0.0, MOST_PRE_ROLL_S);
        let before = self.hops_of(pre_roll_s).min(self.before.len()).min(most_hops - 1);
        let length_s = match ask.length {
            RecordLength::Open => None,
            RecordLength::Seconds(seconds) => Some(f64::from(seconds)),
            RecordLength::Bars(bars) => Some(f64::from(bars) * song.bar_beats / song.beats_per_s),
        };
        // All that there may be: what is not filled takes no memory.
        let mut hops: Vec<LatentHop> = Vec::with_capacity(most_hops);
        hops.extend(self.before.range(self.before.len() - before..));
        let in_all = |length_s| before.saturating_add(self.hops_of(length_s).max(1)).min(most_hops);
        let wanted_hops = length_s.map(in_all);
        self.state = State::Running(Run { slot: ask.slot, hops, wanted_hops, most_hops });
    }

    /// The nearest number of hops; 0 for what is no length, and without a model.
    fn hops_of(&self, seconds: f64) -> usize {
        self.of.as_ref().map_or(0, |of| (seconds / of.hop_s()).round() as usize)
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;
    use crate::engine::lane::tests::shape;

    const HOP_S: f64 = 512.0 / 44_100.0;

    fn model(name: &str) -> Option<(ModelRequest, Shape)> {
        Some((ModelRequest::named(name), shape(1024)))
    }

    fn recorder() -> (Recorder, Arc<Tape>) {
        let tape = Arc::<Tape>::default();
        let mut recorder = Recorder::new(Arc::clone(&tape));
        recorder.meet(model("cello"));
        (recorder, tape)
    }

    fn ask(start: RecordStart, length: RecordLength, pre_roll_s: f32) -> RecordAsk {
        RecordAsk { slot: 3, start, length, pre_roll_s }
    }

    fn seconds(hops: f64) -> f32 {
        (hops * HOP_S) as f32
    }

    /// A quiet hop that has a number.
    fn numbered(n: usize) -> LatentHop {
        LatentHop { f0_hz: n as f32, loudness_db: -60.0, ..LatentHop::default() }
    }

    /// So many hops while the song stands still.
    fn hear(recorder: &mut Recorder, hops: Range<usize>) {
        hops.for_each(|n| recorder.hear(Some(numbered(n)), &PathControls::default()));
    }

    /// The numbers of the hops of the oldest path that was recorded, once.
    fn recorded(tape: &Tape) -> Option<Vec<usize>> {
        let take = tape.peek()?;
        tape.drop_first(&take);
        assert_eq!(take.slot, 3);
        Some(take.path.hops.iter().map(|hop| hop.f0_hz as usize).collect())
    }

    fn numbers(hops: Range<usize>) -> Option<Vec<usize>> {
        Some(hops.collect())
    }

    #[test]
    fn what_came_before_is_recorded_as_far_as_ten_seconds_back() {
        let (mut recorder, tape) = recorder();
        hear(&mut recorder, 0..20);
        recorder.ask(ask(RecordStart::Now, RecordLength::Open, seconds(5.0)));
        assert_eq!(tape.recording(), Recording::Waiting { slot: 3 });
        hear(&mut recorder, 20..23);
        assert_eq!(tape.recording(), Recording::Running { slot: 3, hops: 8, wanted_hops: None, hop_s: HOP_S });
        recorder.end(true);
        assert_eq!((tape.recording(), recorded(&tape), recorded(&tape)), (Recording::Off, numbers(15..23), None));
        hear(&mut recorder, 23..3000);
        recorder.ask(ask(RecordStart::Now, RecordLength::Open, 99.0));
        hear(&mut recorder, 3000..3001);
        recorder.end(true);
        assert_eq!(recorded(&tape), numbers(3000 - 861..3001));
        recorder.forget();
        hear(&mut recorder, 0..2);
        recorder.ask(ask(RecordStart::Now, RecordLength::Open, 10.0));
        hear(&mut recorder, 2..4);
        recorder.end(true);
        assert_eq!(recorded(&tape), numbers(0..4), "the stream began anew");
    }

    #[test]
    fn it_begins_with_the_first_sound_and_a_length_counts_from_there() {
        let (mut recorder, tape) = recorder();
        hear(&mut recorder, 0..2);
        recorder.ask(ask(RecordStart::Sound, RecordLength::Seconds(seconds(3.0)), seconds(1.0)));
        hear(&mut recorder, 2..10);
        assert_eq!(tape.recording(), Recording::Waiting { slot: 3 });
        recorder.hear(Some(LatentHop { loudness_db: -49.0, ..numbered(10) }), &PathControls::default());
        assert_eq!(tape.recording(), Recording::Running { slot: 3, hops: 2, wanted_hops: Some(4), hop_s: HOP_S });
        hear(&mut recorder, 11..20);
        assert_eq!((tape.recording(), recorded(&tape)), (Recording::Off, numbers(9..13)));
    }

    /// At a quarter note of a song of 120 a minute, in bars of three.
    fn at(beats: f64) -> PathControls {
        PathControls { beats: Some(beats), bar_beats: 3.0, ..PathControls::default() }
    }

    #[test]
    fn it_begins_with_the_hop_that_is_nearest_to_the_next_bar_line_and_lasts_whole_bars() {
        let (mut recorder, tape) = recorder();
        recorder.ask(ask(RecordStart::Bar, RecordLength::Bars(2), 0.0));
        (0..400).for_each(|n| recorder.hear(Some(numbered(n)), &at(4.0 + n as f64 * 2.0 * HOP_S)));
        // The line of beat 6 is 1 s away, 86.1 hops, and two bars are 3 s, 258.4 hops.
        assert_eq!(recorded(&tape), numbers(86..86 + 258));
        let is_waiting_after = |songs: &[PathControls]| {
            let (mut recorder, tape) = self::recorder();
            recorder.ask(ask(RecordStart::Bar, RecordLength::Open, 0.0));
            songs.iter().for_each(|song| recorder.hear(Some(numbered(0)), song));
            tape.recording() == Recording::Waiting { slot: 3 }
        };
        assert!(is_waiting_after(&[at(7.0), at(13.0)]), "the song leaps, and not to a bar line");
        for songs in [
            &[at(6.0)][..],
            &[at(7.0), at(15.0)],
            &[PathControls { since_s: 0.5, ..at(5.0) }],
            &[PathControls { beats: None, ..at(7.0) }],
        ] {
            assert!(!is_waiting_after(songs), "{songs:?}");
        }
    }

    #[test]
    fn it_lasts_twenty_minutes_at_most_and_a_hop_at_least() {
        let (mut recorder, tape) = recorder();
        for (length, hops) in [
            (RecordLength::Open, 103_359),
            (RecordLength::Seconds(f32::INFINITY), 103_359),
            (RecordLength::Bars(u32::MAX), 103_359),
            (RecordLength::Seconds(-1.0), 1),
            (RecordLength::Seconds(f32::NAN), 1),
            (RecordLength::Bars(0), 1),
        ] {
            recorder.ask(ask(RecordStart::Now, length, f32::NAN));
            hear(&mut recorder, 0..103_400);
            assert_eq!((tape.recording(), recorded(&tape)), (Recording::Off, numbers(0..hops)), "{length:?}");
        }
    }

    #[test]
    fn what_is_cancelled_is_gone_and_what_another_one_ends_is_kept() {
        let (mut recorder, tape) = recorder();
        let open = ask(RecordStart::Now, RecordLength::Open, 0.0);
        recorder.ask(open);
        assert!(recorder.is_on());
        recorder.end(true);
        assert_eq!((recorder.is_on(), recorded(&tape)), (false, None), "it had not begun");
        recorder.ask(open);
        hear(&mut recorder, 0..5);
        recorder.end(false);
        assert_eq!((tape.recording(), recorded(&tape)), (Recording::Off, None));
        recorder.ask(open);
        hear(&mut recorder, 5..9);
        recorder.ask(open);
        assert_eq!((tape.recording(), recorded(&tape)), (Recording::Waiting { slot: 3 }, numbers(5..9)));
    }

    #[test]
    fn another_model_or_another_stream_ends_it_and_what_there_is_is_kept() {
        let (mut recorder, tape) = recorder();
        let with_all = ask(RecordStart::Now, RecordLength::Open, 10.0);
        recorder.ask(with_all);
        hear(&mut recorder, 0..5);
        recorder.meet(model("cello"));
        hear(&mut recorder, 5..7);
        assert!(recorder.is_on(), "it is the same model");
        recorder.meet(model("horn"));
        let take = tape.peek().unwrap();
        tape.drop_first(&take);
        assert_eq!((take.path.model.name.as_str(), take.path.dims, take.path.hops.len()), ("cello", 16, 7));
        recorder.ask(with_all);
        hear(&mut recorder, 7..9);
        recorder.restart();
        assert_eq!((recorder.is_on(), recorded(&tape)), (false, numbers(7..9)), "nothing of the other model's");
        recorder.ask(with_all);
        hear(&mut recorder, 9..11);
        recorder.meet(None);
        assert_eq!(recorded(&tape), numbers(9..11), "nothing of the other stream's");
        recorder.ask(with_all);
        recorder.hear(None, &PathControls::default());
        recorder.end(true);
        assert_eq!(recorded(&tape), None, "nobody listens");
    }

    #[test]
    fn what_was_heard_last_goes_on_while_nobody_listens() {
        let (mut recorder, tape) = recorder();
        recorder.ask(ask(RecordStart::Now, RecordLength::Open, 0.0));
        for hop in [None, Some(numbered(4)), None, None, Some(numbered(7))] {
            recorder.hear(hop, &PathControls::default());
        }
        recorder.end(true);
        assert_eq!(recorded(&tape), Some(vec![4, 4, 4, 7]));
    }

    #[test]
    fn what_was_heard_before_another_model_alone_was_played_is_forgotten() {
        let (mut recorder, tape) = recorder();
        hear(&mut recorder, 0..5);
        assert!(recorder.has_heard());
        recorder.miss();
        recorder.hear(None, &PathControls::default());
        assert_eq!((tape.snapshot(), recorder.has_heard()), (None, false), "there is no moment of now");
        recorder.ask(ask(RecordStart::Now, RecordLength::Open, 10.0));
        hear(&mut recorder, 5..8);
        recorder.end(true);
        assert_eq!(recorded(&tape), numbers(5..8), "nothing of what came before");
    }

    #[test]
    fn the_window_is_given_the_moment_that_is_heard_and_the_model_that_hears_it() {
        let (mut recorder, tape) = recorder();
        assert_eq!(tape.snapshot(), None, "nothing was heard yet");
        hear(&mut recorder, 0..5);
        let moment = tape.snapshot().unwrap();
        assert_eq!((moment.hops.as_slice(), moment.model.name.as_str()), (&[numbered(4)][..], "cello"));
        assert_eq!((moment.sample_rate_hz, moment.hop_frames, moment.dims), (44_100, 512, 16));
        assert_eq!(tape.listener(), model("cello"));
        recorder.meet(None);
        assert_eq!((tape.snapshot(), tape.listener()), (None, None));
    }
}

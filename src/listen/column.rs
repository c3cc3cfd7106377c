//! From pieces of sound to columns for the window.

use plugin_ui::SoundColumn;

use super::ear::{Cut, Ear};
use super::tap::Piece;

/// Makes columns of one feed's pieces. Allocates in `new` only.
pub struct Analysis {
    rate_hz: f64,
    began_s: f64,
    cut: Cut,
    ears: [Ear; 2],
    hops: [Vec<f32>; 2],
    filled: usize,
    /// The frame that comes next, if nothing was dropped.
    next: u64,
    /// When the last column was, or the sound's beginning, seconds.
    pub(super) last_s: f64,
}

impl Analysis {
    /// Of sound at this rate that began `began_s` seconds after the first sound.
    pub fn new(rate_hz: f64, began_s: f64) -> Self {
        let cut = Cut::at(rate_hz);
        let hop = || vec![0.0; cut.hop_frames];
        Self {
            rate_hz,
            began_s,
            cut,
            ears: [Ear::new(rate_hz, cut), Ear::new(rate_hz, cut)],
            hops: [hop(), hop()],
            filled: 0,
            next: 0,
            last_s: began_s,
        }
    }

    /// Takes a piece; -> the columns that it completes, in `give`. After a gap the sound begins again.
    pub fn take(&mut self, piece: &Piece, mut give: impl FnMut(SoundColumn)) {
        if piece.start != self.next {
            self.ears.iter_mut().for_each(Ear::reset);
            self.filled = 0;
        }
        for (frame, (&input, &output)) in piece.input.iter().zip(&piece.output).enumerate() {
            self.hops[0][self.filled] = input;
            self.hops[1][self.filled] = output;
            self.filled += 1;
            if self.filled == self.cut.hop_frames {
                self.filled = 0;
                give(self.column(piece.start + frame as u64 + 1));
            }
        }
        self.next = piece.start + piece.input.len() as u64;
    }

    /// The column whose window ends before frame `end`; its moment is the window's middle.
    fn column(&mut self, end: u64) -> SoundColumn {
        let [input, output] = [0, 1].map(|n| self.ears[n].listen(&self.hops[n]));
        let middle = end as f64 - self.cut.window_frames as f64 * 0.5;
        self.last_s = self.began_s + middle.max(0.0) / self.rate_hz;
        SoundColumn {
            at_s: self.last_s,
            input_db: input.band_db,
            output_db: output.band_db,
            input_hz: input.pitch_hz,
            output_hz: output.pitch_hz,
            input_loudness_db: input.loudness_db,
            output_loudness_db: output.loudness_db,
        }
    }
}

#[cfg(test)]
mod tests {
    use plugin_ui::{SOUND_BANDS, band_hz};

    use super::*;
    use crate::listen::PIECE_FRAMES;

    fn columns(rate_hz: f64, seconds: f64, start: u64, sound: impl Fn(f64) -> (f32, f32)) -> Vec<SoundColumn> {
        let mut analysis = Analysis::new(rate_hz, 0.0);
        let mut columns = Vec::new();
        for n in 0..(seconds * rate_hz) as u64 / PIECE_FRAMES as u64 {
            let start = start + n * PIECE_FRAMES as u64;
            let mut piece = Piece { start, input: [0.0; PIECE_FRAMES], output: [0.0; PIECE_FRAMES] };
            for frame in 0..PIECE_FRAMES {
                (piece.input[frame], piece.output[frame]) = sound((start + frame as u64) as f64 / rate_hz);
            }
            analysis.take(&piece, |column| columns.push(column));
        }
        columns
    }

    fn tone(hz: f64, level_db: f64, at_s: f64) -> f32 {
        (10f64.powf(level_db / 20.0) * (std::f64::consts::TAU * hz * at_s).sin()) as f32
    }

    #[test]
    fn a_tone_is_in_its_band_at_its_level_and_nowhere_else() {
        for rate_hz in [44_100.0, 48_000.0, 96_000.0, 192_000.0] {
            for (hz, level_db) in
                [(61.0, -12.0), (110.0, 0.0), (440.0, -20.0), (1003.0, -6.0), (4999.0, -40.0), (15_000.0, -3.0)]
            {
                let columns = columns(rate_hz, 0.3, 0, |at_s| (tone(hz, level_db, at_s), 0.0));
                let column = columns.last().unwrap();
                let (loudest, &found_db) =
                    column.input_db.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap();
                assert!((f64::from(found_db) - level_db).abs() < 0.5, "{rate_hz}: {hz} Hz at {found_db} dB");
                // A band is a 25th part of its frequency; below 300 Hz the window cannot tell neighbours apart.
                let off_hz = (f64::from(band_hz(loudest as f32)) - hz).abs();
                assert!(off_hz < hz * 0.02 + 6.0, "{rate_hz}: {hz} Hz in the band {loudest}, {off_hz} Hz off");
                let far =
                    (0..SOUND_BANDS).filter(|&band| (f64::from(band_hz(band as f32)) - hz).abs() > 100.0 + hz * 0.05);
                let most_db = far.map(|band| column.input_db[band]).fold(-200.0, f32::max);
                assert!(f64::from(most_db) < level_db - 30.0, "{rate_hz}: {hz} Hz leaks {most_db} dB");
                assert!(column.output_db.iter().all(|&db| db == -120.0));
                assert_eq!(column.output_loudness_db, f32::NEG_INFINITY);
                assert_eq!(column.output_hz, None);
            }
        }
    }

    #[test]
    fn pitch_is_within_ten_cents_and_loudness_within_half_a_decibel() {
        for rate_hz in [22_050.0, 44_100.0, 48_000.0, 96_000.0] {
            for hz in [82.4, 220.0, 659.3, 1000.0] {
                let sung = |at_s: f64| tone(hz, -20.0, at_s) + tone(2.0 * hz, -26.0, at_s);
                let columns = columns(rate_hz, 0.6, 0, |at_s| (0.0, sung(at_s)));
                let column = columns.last().unwrap();
                let cents = 1200.0 * (f64::from(column.output_hz.unwrap()) / hz).log2();
                assert!(cents.abs() < 10.0, "{rate_hz}: {hz} Hz is {cents} cents off");
                assert_eq!(column.input_hz, None);
            }
            // The mean square of a sine of amplitude 1 is -3 dB.
            let columns = columns(rate_hz, 0.3, 0, |at_s| (tone(1000.0, -20.0, at_s), tone(100.0, -20.0, at_s)));
            let column = columns.last().unwrap();
            assert!((column.input_loudness_db + 23.01).abs() < 0.5, "{}", column.input_loudness_db);
            assert!((column.output_loudness_db + 42.1).abs() < 0.5, "{}", column.output_loudness_db);
        }
    }

    #[test]
    fn columns_are_at_the_middle_of_what_they_show() {
        let rate_hz = 48_000.0;
        // A tone from half a second on: the column whose middle is there shows half of it.
        let columns =
            columns(rate_hz, 1.0, 0, |at_s| if at_s < 0.5 { (0.0, 0.0) } else { (tone(1000.0, 0.0, at_s), 0.0) });
        let at_edge = columns.iter().min_by(|a, b| (a.at_s - 0.5).abs().total_cmp(&(b.at_s - 0.5).abs())).unwrap();
        let level_db = at_edge.input_db.iter().copied().fold(-200.0, f32::max);
        assert!((-9.0..=-3.0).contains(&level_db), "{level_db} dB at {} s", at_edge.at_s);
        assert!(
            columns
                .windows(2)
                .all(|pair| (0.010..0.025).contains(&(pair[1].at_s - pair[0].at_s)) || pair[0].at_s == 0.0)
        );
    }

    #[test]
    fn after_a_gap_the_sound_begins_again_at_its_time() {
        let mut analysis = Analysis::new(48_000.0, 10.0);
        let mut columns = Vec::new();
        let loud = Piece { start: 0, input: [0.5; PIECE_FRAMES], output: [0.0; PIECE_FRAMES] };
        let quiet = Piece { input: [0.0; PIECE_FRAMES], ..loud };
        for n in 0..100 {
            analysis.take(&Piece { start: n * 32, ..loud }, |column| columns.push(column));
        }
        columns.clear();
        for n in 0..16 {
            analysis.take(&Piece { start: 480_000 + n * 32, ..quiet }, |column| columns.push(column));
        }
        let [column] = &columns[..] else { panic!("{} columns", columns.len()) };
        assert_eq!(column.input_loudness_db, f32::NEG_INFINITY, "what was before the gap is gone");
        assert!((column.at_s - 20.0).abs() < 0.05, "{}", column.at_s);
    }
}

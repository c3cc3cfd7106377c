//! Which part of a path is in sight, and the ticks of its time axis.

/// No shorter part is shown, seconds.
const LEAST_SPAN_S: f32 = 0.05;

/// Steps between ticks, seconds.
const STEPS_S: [f32; 15] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0];

/// A part of a path, seconds from its beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TimeWindow {
    start_s: f32,
    end_s: f32,
    length_s: f32,
}

impl TimeWindow {
    /// All of a path.
    pub fn of(length_s: f32) -> Self {
        let length_s = if length_s.is_finite() { length_s.max(LEAST_SPAN_S) } else { LEAST_SPAN_S };
        Self { start_s: 0.0, end_s: length_s, length_s }
    }

    /// The path became longer or shorter: what was in sight stays there, and all of it stays all.
    pub fn set_length(&mut self, length_s: f32) {
        let all = Self::of(length_s);
        *self = if self.is_all() { all } else { Self { length_s: all.length_s, ..*self } };
        self.place(self.start_s, self.span_s());
    }

    /// Where it begins.
    pub fn start_s(&self) -> f32 {
        self.start_s
    }

    /// Where it ends.
    pub fn end_s(&self) -> f32 {
        self.end_s
    }

    /// How much is in sight.
    pub fn span_s(&self) -> f32 {
        self.end_s - self.start_s
    }

    /// Of the whole path.
    pub fn length_s(&self) -> f32 {
        self.length_s
    }

    /// Whether the whole path is in sight.
    pub fn is_all(&self) -> bool {
        self.span_s() >= self.length_s * 0.9999
    }

    /// Shows the whole path.
    pub fn fit(&mut self) {
        *self = Self::of(self.length_s);
    }

    /// Shows so many times as much; one moment stays where it is.
    pub fn zoom(&mut self, factor: f32, around_s: f32) {
        let span = (self.span_s() * factor).clamp(LEAST_SPAN_S, self.length_s);
        let share = ((around_s - self.start_s) / self.span_s()).clamp(0.0, 1.0);
        self.place(around_s.clamp(self.start_s, self.end_s) - share * span, span);
    }

    /// Moves on by a share of what is in sight.
    pub fn scroll(&mut self, shares: f32) {
        self.place(self.start_s + shares * self.span_s(), self.span_s());
    }

    /// Begins elsewhere.
    pub fn move_to(&mut self, start_s: f32) {
        self.place(start_s, self.span_s());
    }

    /// Shows what lies between two moments.
    pub fn show(&mut self, from_s: f32, to_s: f32) {
        self.place(from_s, (to_s - from_s).clamp(LEAST_SPAN_S, self.length_s));
    }

    fn place(&mut self, from_s: f32, span_s: f32) {
        let span_s = span_s.min(self.length_s);
        if from_s.is_finite() {
            self.start_s = from_s.clamp(0.0, self.length_s - span_s);
        }
        self.end_s = self.start_s + span_s;
    }

    /// Moments with a tick, at least so far apart, and what each is called.
    pub fn ticks(&self, least_s: f32) -> Vec<(f32, String)> {
        let step = STEPS_S.into_iter().find(|&step| step >= least_s).unwrap_or(600.0);
        let first = (self.start_s / step).ceil() as usize;
        let last = (self.end_s / step + 1e-3).floor() as usize;
        (first..=last.min(first + 200)).map(|n| (n as f32 * step, seconds(n as f32 * step, step))).collect()
    }

    /// The same in bars and beats of the song, counted from 1 at the path's beginning.
    pub fn bar_ticks(&self, least_s: f32, beat_s: f32, bar_beats: f32) -> Vec<(f32, String)> {
        let bars = (0..12).map(|power| bar_beats * 2f32.powi(power));
        let step = std::iter::once(1.0).chain(bars).find(|beats| beats * beat_s >= least_s);
        let Some(step) = step else { return Vec::new() };
        let first = (self.start_s / (step * beat_s)).ceil() as usize;
        let last = (self.end_s / (step * beat_s) + 1e-3).floor() as usize;
        let tick = |n: usize| {
            let beats = n as f32 * step;
            let (bar, beat) = ((beats / bar_beats + 1e-4).floor(), (beats + 1e-3).rem_euclid(bar_beats).floor());
            let text = if beat > 0.0 { format!("{}.{}", bar + 1.0, beat + 1.0) } else { format!("{}", bar + 1.0) };
            (beats * beat_s, text)
        };
        (first..=last.min(first + 200)).map(tick).collect()
    }
}

/// A moment in words, as exact as the step between ticks.
fn seconds(at_s: f32, step_s: f32) -> String {
    if step_s >= 30.0 || at_s >= 120.0 && step_s >= 1.0 {
        let whole = at_s.round() as u32;
        return format!("{}:{:02}", whole / 60, whole % 60);
    }
    let decimals = [(1.0, 0), (0.1, 1)].into_iter().find(|&(least, _)| step_s >= least).map_or(2, |(_, count)| count);
    format!("{at_s:.decimals$} s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zoom_leaves_the_moment_under_the_pointer_where_it_is() {
        let mut window = TimeWindow::of(10.0);
        window.zoom(0.5, 4.0);
        assert_eq!((window.start_s(), window.end_s()), (2.0, 7.0));
        window.scroll(9.0);
        assert_eq!((window.start_s(), window.end_s()), (5.0, 10.0));
        window.zoom(100.0, 6.0);
        assert!(window.is_all());
        for _ in 0..40 {
            window.zoom(0.5, 9.99);
        }
        assert!((window.span_s() - LEAST_SPAN_S).abs() < 1e-3);
    }

    #[test]
    fn what_is_in_sight_stays_when_the_path_changes_its_length() {
        let mut window = TimeWindow::of(10.0);
        window.set_length(20.0);
        assert!(window.is_all() && window.end_s() == 20.0);
        window.show(4.0, 6.0);
        window.set_length(30.0);
        assert_eq!((window.start_s(), window.end_s()), (4.0, 6.0));
        window.set_length(5.0);
        assert_eq!((window.start_s(), window.end_s()), (3.0, 5.0));
        window.set_length(f32::NAN);
        assert!(window.span_s() > 0.0);
    }

    #[test]
    fn ticks_are_in_sight_and_have_names() {
        let mut window = TimeWindow::of(8.0);
        window.show(1.0, 3.0);
        let names: Vec<String> = window.ticks(0.4).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["1.0 s", "1.5 s", "2.0 s", "2.5 s", "3.0 s"]);
        let names: Vec<String> = TimeWindow::of(8.0).bar_ticks(0.4, 0.5, 4.0).into_iter().map(|tick| tick.1).collect();
        assert_eq!(names[..6], ["1", "1.2", "1.3", "1.4", "2", "2.2"]);
        assert_eq!(TimeWindow::of(600.0).ticks(50.0)[2].1, "2:00");
    }
}

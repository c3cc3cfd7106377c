//! How many messages are heard: a bucket that fills at a rate and is emptied by what comes.

use std::time::Instant;

/// Holds so many at most. Pure: the time is told.
pub(super) struct Bucket {
    per_s: f64,
    most: f64,
    level: f64,
    at: Instant,
}

impl Bucket {
    /// A full one.
    pub(super) fn new(per_s: f64, most: f64, now: Instant) -> Self {
        Self { per_s, most, level: most, at: now }
    }

    /// Takes as many as there are, at most so many; -> how many.
    pub(super) fn take(&mut self, wanted: usize, now: Instant) -> usize {
        let since_s = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = self.at.max(now);
        self.level = (self.level + since_s * self.per_s).min(self.most);
        let taken = wanted.min(self.level as usize);
        self.level -= taken as f64;
        taken
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn so_many_a_second_pass_and_no_more_whatever_comes() {
        let began = Instant::now();
        let mut bucket = Bucket::new(2000.0, 200.0, began);
        assert_eq!((bucket.take(64, began), bucket.take(500, began), bucket.take(1, began)), (64, 136, 0));
        let at = |ms: u64| began + Duration::from_millis(ms);
        let in_a_second: usize = (1..=1000).map(|ms| bucket.take(50, at(ms))).sum();
        assert!((1999..=2000).contains(&in_a_second), "{in_a_second}");
        assert_eq!(bucket.take(1000, at(60_000)), 200, "a rest fills it, and no more than that");
        assert_eq!(bucket.take(1, at(1)), 0, "time that goes back brings nothing");
    }
}

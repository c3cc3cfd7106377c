//! Passing messages: what is being done, and what came of a request; how long each is shown.

use crate::session::{Notice, Session};
use crate::summary::Tone;

/// Time to see that there is a message, seconds.
const SEEN_S: f64 = 2.5;
/// Time to read a character without hurry: 15 to 20 in a second is what subtitles count on.
const CHARACTER_S: f64 = 0.06;
/// What failed, or was done in part, is there to be acted on: twice as long, and no less than this, seconds.
const LEAST_TROUBLE_S: f64 = 12.0;
/// Work that is done sooner is not worth a message that comes and goes, seconds.
const BUSY_S: f64 = 0.4;
/// Frames come ten times a second at least; a longer gap is a window that nobody could see, seconds.
const LONGEST_FRAME_S: f64 = 0.5;

/// How long a message can be read until it leaves, seconds.
pub fn reading_s(notice: &Notice) -> f64 {
    let once = SEEN_S + CHARACTER_S * notice.text.chars().count() as f64;
    if notice.tone == Tone::Good { once } else { (2.0 * once).max(LEAST_TROUBLE_S) }
}

/// Who is there to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reader {
    /// The pointer is in the window. What failed waits for somebody who comes back to it.
    pub is_here: bool,
    /// The pointer, or the keyboard, is on the message: it stays.
    pub is_at_it: bool,
}

/// The passing messages of a window.
#[derive(Debug, Default)]
pub struct Passing {
    notice: Option<Notice>,
    /// How long it has been read.
    read_s: f64,
    /// It was let go, and the plugin has not taken it back yet.
    is_gone: bool,
    busy: String,
    busy_s: f64,
    last_s: Option<f64>,
}

impl Passing {
    /// Takes in what the session tells; once for each frame. Whether the notice has been there long enough, and is to be
    /// dismissed: once.
    pub fn update(&mut self, session: &Session, reader: Reader, now_s: f64) -> bool {
        let passed_s = self.last_s.map_or(0.0, |last_s| (now_s - last_s).clamp(0.0, LONGEST_FRAME_S));
        self.last_s = Some(now_s);
        if self.busy != session.busy {
            (self.busy, self.busy_s) = (session.busy.clone(), 0.0);
        } else {
            self.busy_s += passed_s;
        }
        if self.notice != session.notice {
            (self.notice, self.read_s, self.is_gone) = (session.notice.clone(), 0.0, false);
            return false;
        }
        let Some(notice) = &self.notice else { return false };
        let is_read = notice.tone == Tone::Good || reader.is_here;
        if is_read && !reader.is_at_it {
            self.read_s += passed_s;
        }
        let is_over = !self.is_gone && self.read_s > reading_s(notice);
        self.is_gone |= is_over;
        is_over
    }

    /// What came of the last request, while it is shown.
    pub fn notice(&self) -> Option<&Notice> {
        self.notice.as_ref().filter(|_| !self.is_gone)
    }

    /// What is being done, once that takes a while.
    pub fn busy(&self) -> Option<&str> {
        (!self.busy.is_empty() && self.busy_s >= BUSY_S).then_some(&*self.busy)
    }

    /// The musician dismisses it.
    pub fn let_go(&mut self) {
        self.is_gone = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Reader = Reader { is_here: true, is_at_it: false };

    fn told(tone: Tone, text: &str) -> Session {
        Session { notice: Some(Notice { tone, text: text.to_owned() }), ..Session::default() }
    }

    /// After how many seconds a message leaves; `None` where it is there after a minute.
    fn leaves_after_s(session: &Session, reader: Reader) -> Option<f64> {
        let mut passing = Passing::default();
        (0..600).map(|frame| f64::from(frame) * 0.1).find(|&now_s| passing.update(session, reader, now_s))
    }

    #[test]
    fn what_was_done_leaves_after_seconds_and_what_failed_stays_longer() {
        let saved = leaves_after_s(&told(Tone::Good, "\u{201c}Warm Line\u{201d} is saved."), HERE).unwrap();
        assert!((3.0..5.0).contains(&saved), "{saved}");
        let failed = leaves_after_s(&told(Tone::Trouble, "It was not saved."), HERE).unwrap();
        assert!((12.0..13.0).contains(&failed), "{failed}");
        let long = leaves_after_s(&told(Tone::Trouble, &"Its decoder has 3 inputs. ".repeat(8)), HERE).unwrap();
        assert!(long > 25.0, "{long}");
    }

    #[test]
    fn what_failed_waits_for_somebody_who_is_not_at_the_window() {
        let away = Reader::default();
        assert_eq!(leaves_after_s(&told(Tone::Trouble, "It was not saved."), away), None);
        assert!(leaves_after_s(&told(Tone::Good, "It is saved."), away).is_some());
    }

    #[test]
    fn a_message_stays_while_the_hand_is_on_it() {
        let at_it = Reader { is_here: true, is_at_it: true };
        assert_eq!(leaves_after_s(&told(Tone::Good, "It is saved."), at_it), None);
    }

    #[test]
    fn a_message_is_dismissed_once_and_the_next_one_is_shown() {
        let mut passing = Passing::default();
        let mut session = told(Tone::Good, "It is saved.");
        let dismissed = (0..300).filter(|&frame| passing.update(&session, HERE, f64::from(frame) * 0.1)).count();
        assert_eq!((dismissed, passing.notice()), (1, None));
        session = told(Tone::Good, "It is saved again.");
        passing.update(&session, HERE, 31.0);
        assert_eq!(passing.notice(), session.notice.as_ref());
        passing.let_go();
        passing.update(&session, HERE, 31.1);
        assert_eq!(passing.notice(), None);
    }

    #[test]
    fn a_gap_between_frames_is_no_time_to_read() {
        let mut passing = Passing::default();
        let session = told(Tone::Good, "It is saved.");
        for now_s in [0.0, 0.1, 3600.0] {
            assert!(!passing.update(&session, HERE, now_s), "{now_s}");
        }
        assert!(passing.notice().is_some());
    }

    #[test]
    fn only_work_that_takes_a_while_is_told() {
        let mut passing = Passing::default();
        let session = Session { busy: "Looking for models \u{2026}".to_owned(), ..Session::default() };
        passing.update(&session, HERE, 0.0);
        passing.update(&session, HERE, 0.3);
        assert_eq!(passing.busy(), None);
        passing.update(&session, HERE, 0.5);
        assert_eq!(passing.busy(), Some("Looking for models \u{2026}"));
        passing.update(&Session::default(), HERE, 0.6);
        assert_eq!(passing.busy(), None);
    }
}

//! What waits for room in the ring: of each thing the last word.

use std::collections::VecDeque;

use super::message::OscAsk;

/// Asks in their order, without those of which a later one leaves nothing. So there is at most one for each parameter, one for all
/// of them, and a latent, however long nobody takes any. Server's thread.
#[derive(Default)]
pub(super) struct Backlog(VecDeque<OscAsk>);

impl Backlog {
    /// Adds an ask, in the place of those of which it leaves nothing.
    pub(super) fn add(&mut self, ask: OscAsk) {
        self.0.retain(|before| !is_void(*before, ask));
        self.0.push_back(ask);
    }

    /// Gives asks away while they are taken.
    pub(super) fn give(&mut self, mut is_taken: impl FnMut(OscAsk) -> bool) {
        while self.0.front().is_some_and(|ask| is_taken(*ask)) {
            self.0.pop_front();
        }
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// Whether nothing is left of an ask once a later one is followed.
fn is_void(before: OscAsk, later: OscAsk) -> bool {
    match (before, later) {
        (OscAsk::Hold { .. } | OscAsk::Release(_), OscAsk::Release(None))
        | (OscAsk::Latent(_), OscAsk::Latent(_))
        | (OscAsk::Ping, OscAsk::Ping) => true,
        (
            OscAsk::Hold { target: before, .. } | OscAsk::Release(Some(before)),
            OscAsk::Hold { target: later, .. } | OscAsk::Release(Some(later)),
        ) => before == later,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::MAX_DIMS;

    fn hold(target: usize, share: f32) -> OscAsk {
        OscAsk::Hold { target, share }
    }

    /// What is left of these, in its order.
    fn left(asks: impl IntoIterator<Item = OscAsk>) -> Vec<OscAsk> {
        let (mut backlog, mut left) = (Backlog::default(), Vec::new());
        asks.into_iter().for_each(|ask| backlog.add(ask));
        backlog.give(|ask| {
            left.push(ask);
            true
        });
        left
    }

    #[test]
    fn of_each_thing_the_last_word_is_left_in_its_order() {
        let latent = |value| OscAsk::Latent(Some([value; MAX_DIMS]));
        let (all, second) = (OscAsk::Release(None), OscAsk::Release(Some(2)));
        assert_eq!(left([hold(1, 0.1), hold(2, 0.2), hold(1, 0.3)]), [hold(2, 0.2), hold(1, 0.3)]);
        assert_eq!(left([hold(1, 0.1), hold(2, 0.2), second]), [hold(1, 0.1), second]);
        assert_eq!(left([second, hold(2, 0.2)]), [hold(2, 0.2)]);
        assert_eq!(left([hold(1, 0.1), second, latent(1.0), all, hold(2, 0.2)]), [latent(1.0), all, hold(2, 0.2)]);
        assert_eq!(
            left([latent(1.0), latent(2.0), hold(1, 0.1), OscAsk::Latent(None)]),
            [hold(1, 0.1), OscAsk::Latent(None)]
        );
        assert_eq!(left((0..100_000).map(|n| hold(n % 3, n as f32 / 1e5))).len(), 3, "it does not grow");
    }

    #[test]
    fn what_is_not_taken_stays() {
        let mut backlog = Backlog::default();
        [1, 2, 3].into_iter().for_each(|target| backlog.add(hold(target, 0.5)));
        let mut room = 2;
        backlog.give(|_| {
            let is_room = room > 0;
            room -= i32::from(is_room);
            is_room
        });
        assert_eq!(backlog.0, [hold(3, 0.5)]);
        backlog.clear();
        assert!(backlog.0.is_empty());
    }
}

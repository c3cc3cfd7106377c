//! A setting that is no parameter, and how often a saved state has changed it.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use nih_plug::params::persist::PersistentField;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

/// As the `Arc<Mutex<T>>` that it stands for, but that the audio thread can see, without a lock, that a host has loaded
/// a state with another value. What the plugin itself puts there does not count.
#[derive(Clone, Debug, Default)]
pub struct Watched<T> {
    value: Arc<Mutex<T>>,
    changes: Arc<AtomicU32>,
}

impl<T> Watched<T> {
    /// With this value, never changed.
    pub fn new(value: T) -> Self {
        Self { value: Arc::new(Mutex::new(value)), changes: Arc::default() }
    }

    /// How often a state has brought another value.
    ///
    /// # Realtime
    /// Wait-free.
    pub fn changes(&self) -> u32 {
        self.changes.load(Ordering::Acquire)
    }
}

impl<T> Deref for Watched<T> {
    type Target = Arc<Mutex<T>>;

    fn deref(&self) -> &Self::Target {
        &self.value
    }
}

impl<'a, T: Serialize + Deserialize<'a> + PartialEq + Send> PersistentField<'a, T> for Watched<T> {
    fn set(&self, new_value: T) {
        let mut value = self.value.lock();
        if *value != new_value {
            *value = new_value;
            self.changes.fetch_add(1, Ordering::Release);
        }
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&T) -> R,
    {
        f(&self.value.lock())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_another_value_from_a_state_counts() {
        let watched = Watched::new(1);
        PersistentField::set(&watched, 1);
        *watched.lock() = 2;
        assert_eq!(watched.changes(), 0);
        PersistentField::set(&watched, 1);
        assert_eq!((watched.changes(), *watched.lock()), (1, 1));
    }
}

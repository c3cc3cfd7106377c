//! A setting that is no parameter, and how often a saved state has changed it.

use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use nih_plug::params::persist::PersistentField;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

/// As the `Arc<Mutex<T>>` that it stands for, but that the audio thread can see, without a lock, that a host has loaded
/// a state with another value. What the plugin itself puts there does not count.
#[derive(Clone, Default)]
pub struct Watched<T> {
    value: Arc<Mutex<T>>,
    changes: Arc<AtomicU32>,
    hears: Arc<OnceLock<Box<dyn Fn() + Send + Sync>>>,
}

impl<T> Watched<T> {
    /// With this value, never changed.
    pub fn new(value: T) -> Self {
        Self { value: Arc::new(Mutex::new(value)), changes: Arc::default(), hears: Arc::default() }
    }

    /// Calls `hear` for every state that is loaded from now on, on the thread that loads it and when the value is there. The
    /// first one counts.
    pub fn on_set(&self, hear: impl Fn() + Send + Sync + 'static) {
        let _ = self.hears.set(Box::new(hear));
    }

    /// How often a state has brought another value.
    ///
    /// # Realtime
    /// Wait-free.
    pub fn changes(&self) -> u32 {
        self.changes.load(Ordering::Acquire)
    }
}

impl<T: fmt::Debug> fmt::Debug for Watched<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Watched({:?}, {} changes)", self.value.lock(), self.changes())
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
        drop(value);
        if let Some(hear) = self.hears.get() {
            hear();
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

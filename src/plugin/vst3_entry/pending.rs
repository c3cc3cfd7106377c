//! Values that the host has set and no block has brought yet.
//!
//! A VST3 host tells a new value twice: to the controller, at once, and to the processor, with its next block. The framework
//! ignores the first while it processes, since automation must land at its frame. But then a state that is saved in
//! between, or a host that asks for the value back, gets the old one. So the values told to the controller are kept here until a
//! block brings them. What is played does not depend on them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use nice_plug_core::params::Params;
use nice_plug_core::plugin::ParamValue;
use nih_plug::prelude::{Param, PluginState};

use crate::instance::param_set::{Handle, Typed, handles};

/// In the place of a value: there is none.
const NONE: u64 = u64::MAX;

/// Blocks after which a host that has not brought a value to the processor is not going to.
const BLOCKS: u32 = 3;

/// The values of one instance. Its methods may be called by any thread; none waits or allocates but those that say so.
pub(super) struct Pending {
    by_id: HashMap<u32, AtomicU64>,
    /// Whether there may be any.
    any: AtomicBool,
    /// How many blocks have begun.
    blocks: AtomicU32,
}

impl Pending {
    /// Of parameters with these ids. Allocates.
    pub(super) fn new(ids: impl Iterator<Item = u32>) -> Self {
        Self {
            by_id: ids.map(|id| (id, AtomicU64::new(NONE))).collect(),
            any: AtomicBool::new(false),
            blocks: AtomicU32::new(0),
        }
    }

    /// The host has told the controller; false for a parameter that there is not, or no value.
    pub(super) fn set(&self, id: u32, value: f64) -> bool {
        let Some(slot) = self.by_id.get(&id).filter(|_| value.is_finite()) else { return false };
        let value = value.clamp(0.0, 1.0) as f32;
        let blocks = self.blocks.load(Ordering::SeqCst);
        slot.store(u64::from(blocks) << 32 | u64::from(value.to_bits()), Ordering::SeqCst);
        self.any.store(true, Ordering::SeqCst);
        true
    }

    /// A block begins.
    pub(super) fn begin_block(&self) {
        self.blocks.fetch_add(1, Ordering::SeqCst);
    }

    /// A block has brought a value, in the end this one. What was set since the host put the block together is still to come.
    pub(super) fn take(&self, id: u32, value: f64) {
        if let Some(slot) = self.by_id.get(&id)
            && self.any.load(Ordering::SeqCst)
        {
            let held = slot.load(Ordering::SeqCst);
            if f32::from_bits(held as u32) == value.clamp(0.0, 1.0) as f32 {
                let _ = slot.compare_exchange(held, NONE, Ordering::SeqCst, Ordering::SeqCst);
            }
        }
    }

    /// Another state has been loaded.
    pub(super) fn forget(&self) {
        self.any.store(false, Ordering::SeqCst);
        for slot in self.by_id.values() {
            slot.store(NONE, Ordering::SeqCst);
        }
    }

    /// What the host has set and no block has brought.
    pub(super) fn get(&self, id: u32) -> Option<f32> {
        if !self.any.load(Ordering::SeqCst) {
            return None;
        }
        self.value(self.by_id.get(&id)?)
    }

    fn value(&self, slot: &AtomicU64) -> Option<f32> {
        let held = slot.load(Ordering::SeqCst);
        let since = self.blocks.load(Ordering::SeqCst).wrapping_sub((held >> 32) as u32);
        (held != NONE && since < BLOCKS).then_some(f32::from_bits(held as u32))
    }

    /// Whether [`Self::add_to`] would change anything.
    pub(super) fn is_empty(&self) -> bool {
        !self.any.load(Ordering::SeqCst) || self.by_id.values().all(|slot| self.value(slot).is_none())
    }

    /// Puts them into a state: `ids` are those of `params` in its own order. `params` are changed: a place to work values out,
    /// not those that play. Allocates.
    pub(super) fn add_to(&self, state: &mut PluginState, ids: &[u32], params: &dyn Params) {
        for (id, (name, param)) in ids.iter().zip(handles(params)) {
            if let (Some(value), Some(place)) = (self.get(*id), state.params.get_mut(&name)) {
                *place = plain(param, value);
            }
        }
    }
}

/// A share of a range as a state holds it, in the words of the framework's own serialiser.
fn plain(param: Handle<'_>, share: f32) -> ParamValue {
    param.set(share);
    match param.typed() {
        Typed::Float(param) => ParamValue::F32(param.unmodulated_plain_value()),
        Typed::Int(param) => ParamValue::I32(param.unmodulated_plain_value()),
        Typed::Bool(param) => ParamValue::Bool(param.unmodulated_plain_value()),
        Typed::Enum(param) => match param.unmodulated_plain_id() {
            Some(id) => ParamValue::String(id.to_owned()),
            None => ParamValue::I32(param.unmodulated_plain_value()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_pending_until_a_block_brings_it() {
        let pending = Pending::new([7].into_iter());
        assert!(pending.get(7).is_none() && pending.is_empty());
        assert!(pending.set(7, 0.25) && !pending.set(8, 0.5) && !pending.set(7, f64::NAN));
        assert_eq!(pending.get(7), Some(0.25));
        pending.begin_block();
        pending.take(7, 0.5);
        assert_eq!(pending.get(7), Some(0.25), "the block was put together before");
        pending.take(7, 0.25);
        assert!(pending.get(7).is_none() && pending.is_empty());
    }

    #[test]
    fn a_value_that_no_block_brings_is_not_believed_for_long() {
        let pending = Pending::new([7].into_iter());
        pending.set(7, 0.25);
        for _ in 1..BLOCKS {
            pending.begin_block();
            assert_eq!(pending.get(7), Some(0.25));
        }
        pending.begin_block();
        assert!(pending.get(7).is_none());
        pending.set(7, 0.75);
        pending.forget();
        assert!(pending.get(7).is_none());
    }
}

//! The framework's parameters as one safe set: the raw pointers of its map are followed here, and outside of the entries for hosts
//! nowhere else.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

use nice_plug_core::context::gui::GuiContext;
use nih_plug::params::enums::EnumParamInner;
use nih_plug::prelude::*;

/// All parameters of an instance, in their order. Keeps them alive.
#[derive(Clone)]
pub struct ParamSet(Arc<Inner>);

struct Inner {
    _params: Arc<dyn Params>,
    all: Vec<(String, ParamPtr)>,
    by_id: HashMap<String, usize>,
}

/// One of them, while the set or the parameters are borrowed. All shares are of its range, 0 to 1.
#[derive(Clone, Copy)]
pub struct Handle<'a> {
    param: ParamPtr,
    alive: PhantomData<&'a dyn Params>,
}

/// One of them by what it is.
#[derive(Clone, Copy)]
pub enum Typed<'a> {
    /// A number.
    Float(&'a FloatParam),
    /// A whole number.
    Int(&'a IntParam),
    /// A switch.
    Bool(&'a BoolParam),
    /// A choice of a few.
    Enum(&'a EnumParamInner),
}

impl ParamSet {
    /// Of these parameters. Allocates.
    pub fn new(params: Arc<dyn Params>) -> Self {
        let all: Vec<_> = params.param_map().into_iter().map(|(id, param, _group)| (id, param)).collect();
        let by_id = all.iter().enumerate().map(|(index, (id, _))| (id.clone(), index)).collect();
        Self(Arc::new(Inner { _params: params, all, by_id }))
    }

    /// All of them, by id.
    pub fn all(&self) -> impl Iterator<Item = (&str, Handle<'_>)> {
        self.0.all.iter().map(|(id, param)| (id.as_str(), Handle::new(*param)))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.all.len()
    }

    /// The one at this place in their order.
    ///
    /// # Panics
    /// From [`Self::count`] on.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn at(&self, index: usize) -> Handle<'_> {
        Handle::new(self.0.all[index].1)
    }

    /// The id of the one at this place.
    ///
    /// # Panics
    /// As [`Self::at`].
    pub fn id(&self, index: usize) -> &str {
        &self.0.all[index].0
    }

    /// The place of the one of this id.
    pub fn index_of(&self, id: &str) -> Option<usize> {
        self.0.by_id.get(id).copied()
    }

    /// The one of this id.
    pub fn get(&self, id: &str) -> Option<Handle<'_>> {
        self.index_of(id).map(|index| self.at(index))
    }
}

/// The parameters of `params`, in their order, while they are borrowed. Allocates.
pub fn handles<P: Params + ?Sized>(params: &P) -> Vec<(String, Handle<'_>)> {
    params.param_map().into_iter().map(|(id, param, _group)| (id, Handle::new(param))).collect()
}

// SAFETY (of every call below): the framework promises that the pointers of a map are good as long as the parameters that gave it,
// and these are borrowed for as long as a handle lives: by `handles`, or within the set, which keeps them.
impl<'a> Handle<'a> {
    fn new(param: ParamPtr) -> Self {
        Self { param, alive: PhantomData }
    }

    /// By what it is.
    pub fn typed(self) -> Typed<'a> {
        // SAFETY: see above.
        unsafe {
            match self.param {
                ParamPtr::FloatParam(param) => Typed::Float(&*param),
                ParamPtr::IntParam(param) => Typed::Int(&*param),
                ParamPtr::BoolParam(param) => Typed::Bool(&*param),
                ParamPtr::EnumParam(param) => Typed::Enum(&*param),
            }
        }
    }

    /// Whether it is this parameter.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn is(self, param: &impl Param) -> bool {
        self.param == param.as_ptr()
    }

    /// As hosts show it.
    pub fn name(self) -> String {
        // SAFETY: see above.
        unsafe { self.param.name() }.to_owned()
    }

    /// With the space before it that the framework wants.
    pub fn unit(self) -> &'static str {
        // SAFETY: see above.
        unsafe { self.param.unit() }
    }

    /// Whether hosts may automate it.
    pub fn is_automatable(self) -> bool {
        // SAFETY: see above.
        !unsafe { self.param.flags() }.contains(ParamFlags::NON_AUTOMATABLE)
    }

    /// Its own value as a share, without modulation.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn share(self) -> f32 {
        // SAFETY: see above.
        unsafe { self.param.unmodulated_normalized_value() }
    }

    /// The share of a new instance.
    pub fn default_share(self) -> f32 {
        // SAFETY: see above.
        unsafe { self.param.default_normalized_value() }
    }

    /// What it holds at a share. The framework gives a switch's share as it is.
    pub fn plain(self, share: f32) -> f32 {
        // SAFETY: see above.
        unsafe { self.param.preview_plain(share) }
    }

    /// The share of what it holds.
    pub fn share_of(self, plain: f32) -> f32 {
        // SAFETY: see above.
        unsafe { self.param.preview_normalized(plain) }
    }

    /// The share that it takes for one: a switch or a choice takes the nearest step.
    pub fn nearest(self, share: f32) -> f32 {
        match self.typed() {
            Typed::Bool(_) => f32::from(u8::from(share > 0.5)),
            _ if self.steps().is_some() => self.share_of(self.plain(share)),
            _ => share,
        }
    }

    /// A share as the window shows it, with its unit.
    pub fn text(self, share: f32) -> String {
        // SAFETY: see above.
        unsafe { self.param.normalized_value_to_string(share, true) }
    }

    /// The share of what somebody has typed, a choice in letters of any size; `None`: it makes no sense.
    pub fn parse(self, text: &str) -> Option<f32> {
        if let (Typed::Enum(_), Some(steps)) = (self.typed(), self.steps()) {
            let shares = (0..=steps).map(|step| step as f32 / steps.max(1) as f32);
            let plain = |text: &str| text.split_whitespace().collect::<String>().to_lowercase();
            return shares.into_iter().find(|&share| plain(&self.text(share)) == plain(text));
        }
        // SAFETY: see above.
        unsafe { self.param.string_to_normalized_value(text) }
    }

    /// Steps between its values; `None` for what is continuous.
    pub fn steps(self) -> Option<usize> {
        // SAFETY: see above.
        unsafe { self.param.step_count() }
    }

    /// Sets it at once, past any host.
    pub fn set(self, share: f32) {
        // SAFETY: see above.
        unsafe { self.param._internal_set_normalized_value(share) };
    }

    /// A gesture of the window begins: hosts record automation from here. GUI thread.
    pub fn begin(self, host: &GuiContext) {
        // SAFETY: see above.
        unsafe { host.raw_begin_set_parameter(self.param) };
    }

    /// Asks the host for a value within a gesture. GUI thread.
    pub fn ask(self, host: &GuiContext, share: f32) {
        // SAFETY: see above.
        unsafe { host.raw_set_parameter_normalized(self.param, share) };
    }

    /// The gesture ends. GUI thread.
    pub fn end(self, host: &GuiContext) {
        // SAFETY: see above.
        unsafe { host.raw_end_set_parameter(self.param) };
    }
}

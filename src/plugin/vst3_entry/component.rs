//! The component that hosts get: the framework's, with some calls answered here.

use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, Ordering};

use nih_plug::prelude::PluginState;
use nih_plug::wrapper::vst3::Wrapper;
use nih_plug::wrapper::vst3::vst3::Steinberg::Vst::ChannelContext::{IInfoListener, IInfoListenerTrait};
use nih_plug::wrapper::vst3::vst3::Steinberg::Vst::{
    BusDirection, BusInfo, CString, CtrlNumber, IAttributeList, IAudioProcessor, IAudioProcessorTrait, IComponent,
    IComponentHandler, IComponentTrait, IEditController, IEditControllerTrait, IMidiMapping, IMidiMappingTrait,
    INoteExpressionController, INoteExpressionControllerTrait, IParamValueQueueTrait, IParameterChangesTrait,
    IProcessContextRequirements, IProcessContextRequirementsTrait, IUnitInfo, IUnitInfoTrait, IoMode, MediaType,
    NoteExpressionTypeID, NoteExpressionTypeInfo, NoteExpressionValue, ParamID, ParamValue, ParameterInfo, ProcessData,
    ProcessModes_, ProcessSetup, ProgramListID, ProgramListInfo, RoutingInfo, SpeakerArrangement, String128, TChar,
    UnitID, UnitInfo,
};
use nih_plug::wrapper::vst3::vst3::Steinberg::{
    FIDString, FUnknown, IBStream, IBStreamTrait, IPlugView, IPluginBaseTrait, TBool, TUID, int16, int32,
    kInvalidArgument, kNotInitialized, kResultFalse, kResultOk, tresult, uint32,
};
use nih_plug::wrapper::vst3::vst3::{Class, ComRef, ComWrapper};

use super::handler::Relay;
use super::listing::{self, Listing};
use super::pending::Pending;
use super::stream::{self, Memory};
use super::{Exported, release};
use crate::plugin::announced_offline;
use crate::plugin::starts::{in_block, in_start};
use crate::plugin::state_text::repair_text;

/// An instance of the framework's, and what is needed to put right what it gets wrong.
pub(super) struct Component<P: Exported> {
    wrapper: ManuallyDrop<Wrapper<P>>,
    relay: ComWrapper<Relay>,
    listing: Listing,
    pending: Pending,
    /// As the framework counts it: between `setProcessing(true)` and `setProcessing(false)`.
    is_processing: AtomicBool,
    is_set_up: AtomicBool,
}

impl<P: Exported> Class for Component<P> {
    type Interfaces = (
        IComponent,
        IEditController,
        IAudioProcessor,
        IMidiMapping,
        INoteExpressionController,
        IProcessContextRequirements,
        IUnitInfo,
        IInfoListener,
    );
}

impl<P: Exported> Component<P> {
    pub(super) fn new() -> Self {
        // The kept instance first: it is what lets all others go.
        release::site::<P>();
        let wrapper = Wrapper::<P>::new();
        let relay = ComWrapper::new(Relay::default());
        if let Some(handler) = relay.as_com_ref::<IComponentHandler>() {
            // SAFETY: the relay lives as long as this component, and the framework takes a reference of its own.
            unsafe { wrapper.setComponentHandler(handler.as_ptr()) };
        }
        let listing = Listing::of(&wrapper);
        Self {
            pending: Pending::new(listing.ids.iter().copied()),
            listing,
            relay,
            wrapper: ManuallyDrop::new(wrapper),
            is_processing: AtomicBool::new(false),
            is_set_up: AtomicBool::new(false),
        }
    }

    /// What the framework saves, with what has been set and not been played yet.
    fn text_with_pending(&self) -> Option<Vec<u8>> {
        let memory = ComWrapper::new(Memory::default());
        // SAFETY: the stream lives until the end of this function.
        let saved = unsafe { IComponentTrait::getState(&*self.wrapper, memory.as_com_ref::<IBStream>()?.as_ptr()) };
        if saved != kResultOk {
            return None;
        }
        let mut state: PluginState = serde_json::from_slice(&memory.bytes.lock()).ok()?;
        let params = release::site::<P>().params.lock();
        self.pending.add_to(&mut state, &self.listing.ids, params.as_ref());
        drop(params);
        serde_json::to_vec(&state).ok()
    }
}

impl<P: Exported> Drop for Component<P> {
    fn drop(&mut self) {
        self.relay.forget_host();
        // SAFETY: nothing of this is used after it has been dropped.
        release::release(unsafe { ManuallyDrop::take(&mut self.wrapper) });
    }
}

/// Calls that go to the framework as they come.
macro_rules! hand_on {
    ($interface:ident: $($name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {
        $(unsafe fn $name(&self, $($argument: $type),*) -> $answer {
            // SAFETY: handed on as it came, from the thread that it came from.
            unsafe { $interface::$name(&*self.wrapper, $($argument),*) }
        })*
    };
}

impl<P: Exported> IPluginBaseTrait for Component<P> {
    hand_on! { IPluginBaseTrait:
        initialize(context: *mut FUnknown) -> tresult;
        terminate() -> tresult;
    }
}

impl<P: Exported> IComponentTrait for Component<P> {
    hand_on! { IComponentTrait:
        getControllerClassId(class: *mut TUID) -> tresult;
        setIoMode(mode: IoMode) -> tresult;
        getBusCount(media: MediaType, direction: BusDirection) -> int32;
        getBusInfo(media: MediaType, direction: BusDirection, index: int32, info: *mut BusInfo) -> tresult;
        getRoutingInfo(from: *mut RoutingInfo, to: *mut RoutingInfo) -> tresult;
        activateBus(media: MediaType, direction: BusDirection, index: int32, state: TBool) -> tresult;
        setActive(state: TBool) -> tresult;
    }

    unsafe fn setState(&self, state: *mut IBStream) -> tresult {
        // SAFETY: hosts pass a stream that lives for this call, or null.
        let bytes = unsafe { ComRef::from_raw(state).and_then(|stream| stream::read_all(stream)) };
        let Some(bytes) = bytes else { return kResultFalse };
        let memory = ComWrapper::new(Memory::from(repair_text(&bytes).unwrap_or(bytes)));
        let Some(stream) = memory.as_com_ref::<IBStream>() else { return kResultFalse };
        // SAFETY: the stream lives until the end of this function.
        let result = unsafe { IComponentTrait::setState(&*self.wrapper, stream.as_ptr()) };
        if result == kResultOk {
            self.pending.forget();
        }
        result
    }

    unsafe fn getState(&self, state: *mut IBStream) -> tresult {
        // SAFETY: hosts pass a stream that lives for this call, or null.
        let stream = unsafe { ComRef::from_raw(state) }.filter(|_| !self.pending.is_empty());
        if let Some((stream, mut text)) = stream.and_then(|stream| Some((stream, self.text_with_pending()?)))
            && let Ok(length) = int32::try_from(text.len())
        {
            // Some hosts report a failure, or no count, for what they have taken: as the framework, nobody is told of it.
            // SAFETY: the host reads as many bytes as there are.
            let _ = unsafe { stream.write(text.as_mut_ptr().cast(), length, &mut 0) };
            return kResultOk;
        }
        // SAFETY: handed on as it came; the framework checks for null.
        unsafe { IComponentTrait::getState(&*self.wrapper, state) }
    }
}

impl<P: Exported> IEditControllerTrait for Component<P> {
    hand_on! { IEditControllerTrait:
        setComponentState(state: *mut IBStream) -> tresult;
        setState(state: *mut IBStream) -> tresult;
        getState(state: *mut IBStream) -> tresult;
        getParamStringByValue(id: ParamID, value: ParamValue, text: *mut String128) -> tresult;
        getParamValueByString(id: ParamID, text: *mut TChar, value: *mut ParamValue) -> tresult;
        normalizedParamToPlain(id: ParamID, value: ParamValue) -> ParamValue;
        plainParamToNormalized(id: ParamID, value: ParamValue) -> ParamValue;
        createView(name: FIDString) -> *mut IPlugView;
    }

    unsafe fn getParameterCount(&self) -> int32 {
        self.listing.count::<P>()
    }

    unsafe fn getParameterInfo(&self, index: int32, info: *mut ParameterInfo) -> tresult {
        // The framework panics for the first index that there is not.
        let Some((frameworks, controller)) = self.listing.find::<P>(index) else { return kInvalidArgument };
        // SAFETY: the host's place, or null, for which the framework checks.
        let result = unsafe { self.wrapper.getParameterInfo(frameworks, info) };
        if let Some((channel, controller)) = controller
            && result == kResultOk
        {
            // SAFETY: the framework has filled it, so it is not null.
            listing::name_controller(unsafe { &mut *info }, channel, controller);
        }
        result
    }

    unsafe fn getParamNormalized(&self, id: ParamID) -> ParamValue {
        // SAFETY: takes any number.
        self.pending.get(id).map_or_else(|| unsafe { self.wrapper.getParamNormalized(id) }, ParamValue::from)
    }

    unsafe fn setParamNormalized(&self, id: ParamID, value: ParamValue) -> tresult {
        if self.is_processing.load(Ordering::SeqCst) {
            self.pending.set(id, value);
        }
        // SAFETY: takes any numbers.
        unsafe { self.wrapper.setParamNormalized(id, value) }
    }

    unsafe fn setComponentHandler(&self, handler: *mut IComponentHandler) -> tresult {
        // SAFETY: hosts pass a handler, or null.
        unsafe { self.relay.set(handler) };
        kResultOk
    }
}

impl<P: Exported> IAudioProcessorTrait for Component<P> {
    hand_on! { IAudioProcessorTrait:
        setBusArrangements(
            inputs: *mut SpeakerArrangement, in_count: int32, outputs: *mut SpeakerArrangement, out_count: int32
        ) -> tresult;
        getBusArrangement(direction: BusDirection, index: int32, arrangement: *mut SpeakerArrangement) -> tresult;
        canProcessSampleSize(size: int32) -> tresult;
        getLatencySamples() -> uint32;
    }

    unsafe fn getTailSamples(&self) -> uint32 {
        // The framework knows none before the first block, when hosts ask how long to bounce.
        // SAFETY: takes nothing.
        unsafe { self.wrapper.getTailSamples().max(self.wrapper.getLatencySamples()) }
    }

    unsafe fn setupProcessing(&self, setup: *mut ProcessSetup) -> tresult {
        // Twice: the framework notes down the mode that was there before, and would take what is played after a render for one.
        // SAFETY: handed on as it came; the framework checks for null.
        let result = unsafe {
            self.wrapper.setupProcessing(setup);
            self.wrapper.setupProcessing(setup)
        };
        self.is_set_up.fetch_or(result == kResultOk, Ordering::SeqCst);
        result
    }

    unsafe fn setProcessing(&self, state: TBool) -> tresult {
        self.is_processing.store(state != 0, Ordering::SeqCst);
        // SAFETY: handed on as it came.
        in_start(|| unsafe { self.wrapper.setProcessing(state) })
    }

    unsafe fn process(&self, data: *mut ProcessData) -> tresult {
        // The framework panics without a set-up.
        if !self.is_set_up.load(Ordering::SeqCst) {
            return kNotInitialized;
        }
        self.pending.begin_block();
        // SAFETY: the host's, for this call, or null.
        let mode = unsafe { data.as_ref() }.map(|data| data.processMode);
        let is_offline = mode == Some(ProcessModes_::kOffline as int32);
        // SAFETY: handed on as it came; the framework checks for null.
        let result = announced_offline::around(is_offline, || in_block(|| unsafe { self.wrapper.process(data) }));
        // SAFETY: the host's, for this call, or null.
        if let Some(data) = unsafe { data.as_ref() } {
            // SAFETY: the host's own, as VST3 asks for.
            unsafe {
                take_values(&self.pending, data);
                tell_silence(data);
            }
        }
        result
    }
}

/// What a block brought is not pending any more. Wait-free.
///
/// # Safety
/// What `data` points to is the host's, and lives for this call.
unsafe fn take_values(pending: &Pending, data: &ProcessData) {
    // SAFETY: the host's, or null.
    let Some(changes) = (unsafe { ComRef::from_raw(data.inputParameterChanges) }) else { return };
    // SAFETY: the host's objects take any index, and answer with null for what they have not.
    unsafe {
        for index in 0..changes.getParameterCount() {
            let Some(queue) = ComRef::from_raw(changes.getParameterData(index)) else { continue };
            let (mut offset, mut value) = (0, 0.0);
            let last = queue.getPointCount() - 1;
            if last >= 0 && queue.getPoint(last, &mut offset, &mut value) == kResultOk {
                pending.take(queue.getParameterId(), value);
            }
        }
    }
}

/// Marks each output channel that holds nothing but zeros, which the framework leaves as the host had it. Wait-free.
///
/// # Safety
/// What `data` points to is the host's, and lives for this call.
unsafe fn tell_silence(data: &ProcessData) {
    let (Ok(buses), Ok(frames)) = (usize::try_from(data.numOutputs), usize::try_from(data.numSamples)) else { return };
    if data.outputs.is_null() || frames == 0 {
        return;
    }
    for bus in 0..buses {
        // SAFETY: there are as many buses as the host says.
        let bus = unsafe { &mut *data.outputs.add(bus) };
        let channels = usize::try_from(bus.numChannels).unwrap_or(0).min(64);
        // SAFETY: the plugin has been set up for 32 bits.
        let buffers = unsafe { bus.__field0.channelBuffers32 };
        if buffers.is_null() {
            continue;
        }
        bus.silenceFlags = 0;
        for channel in 0..channels {
            // SAFETY: as many channels as the host says.
            let samples = unsafe { *buffers.add(channel) };
            // SAFETY: as many frames as the host says.
            let is_silent = !samples.is_null()
                && unsafe { std::slice::from_raw_parts(samples, frames) }.iter().all(|&sample| sample == 0.0);
            bus.silenceFlags |= u64::from(is_silent) << channel;
        }
    }
}

impl<P: Exported> IMidiMappingTrait for Component<P> {
    unsafe fn getMidiControllerAssignment(
        &self,
        bus: int32,
        channel: int16,
        controller: CtrlNumber,
        id: *mut ParamID,
    ) -> tresult {
        if !P::CONTROLLERS.iter().any(|&used| CtrlNumber::from(used) == controller) {
            return kResultFalse;
        }
        // SAFETY: handed on as it came; the framework checks for null.
        unsafe { self.wrapper.getMidiControllerAssignment(bus, channel, controller, id) }
    }
}

impl<P: Exported> INoteExpressionControllerTrait for Component<P> {
    hand_on! { INoteExpressionControllerTrait:
        getNoteExpressionCount(bus: int32, channel: int16) -> int32;
        getNoteExpressionInfo(bus: int32, channel: int16, index: int32, info: *mut NoteExpressionTypeInfo) -> tresult;
        getNoteExpressionStringByValue(
            bus: int32, channel: int16, id: NoteExpressionTypeID, value: NoteExpressionValue, text: *mut String128
        ) -> tresult;
        getNoteExpressionValueByString(
            bus: int32, channel: int16, id: NoteExpressionTypeID, text: *const TChar, value: *mut NoteExpressionValue
        ) -> tresult;
    }
}

impl<P: Exported> IProcessContextRequirementsTrait for Component<P> {
    hand_on! { IProcessContextRequirementsTrait:
        getProcessContextRequirements() -> uint32;
    }
}

impl<P: Exported> IUnitInfoTrait for Component<P> {
    hand_on! { IUnitInfoTrait:
        getUnitCount() -> int32;
        getProgramListCount() -> int32;
        getProgramListInfo(index: int32, info: *mut ProgramListInfo) -> tresult;
        getProgramName(list: ProgramListID, index: int32, name: *mut String128) -> tresult;
        getProgramInfo(list: ProgramListID, index: int32, id: CString, value: *mut String128) -> tresult;
        hasProgramPitchNames(list: ProgramListID, index: int32) -> tresult;
        getProgramPitchName(list: ProgramListID, index: int32, pitch: int16, name: *mut String128) -> tresult;
        getSelectedUnit() -> UnitID;
        selectUnit(unit: UnitID) -> tresult;
        getUnitByBus(
            media: MediaType, direction: BusDirection, bus: int32, channel: int32, unit: *mut UnitID
        ) -> tresult;
        setUnitProgramData(unit: int32, program: int32, data: *mut IBStream) -> tresult;
    }

    unsafe fn getUnitInfo(&self, index: int32, info: *mut UnitInfo) -> tresult {
        let Some(index) = self.listing.unit(index) else { return kInvalidArgument };
        // SAFETY: the host's place, or null, for which the framework checks.
        unsafe { self.wrapper.getUnitInfo(index, info) }
    }
}

impl<P: Exported> IInfoListenerTrait for Component<P> {
    hand_on! { IInfoListenerTrait:
        setChannelContextInfos(list: *mut IAttributeList) -> tresult;
    }
}

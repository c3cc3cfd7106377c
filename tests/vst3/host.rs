//! A VST3 host of a few calls, in the process of the test: what the bundle's library gives to any host.

use std::ffi::c_void;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use nih_plug::wrapper::vst3::vst3::Steinberg::Vst::{
    AudioBusBuffers, AudioBusBuffers__type0, IAudioProcessor, IAudioProcessorTrait, IComponent, IComponentHandler,
    IComponentHandlerTrait, IComponentTrait, IEditController, IEditControllerTrait, IMidiMapping, IParamValueQueue,
    IParamValueQueueTrait, IParameterChanges, IParameterChangesTrait, IUnitInfo, ParamID, ParamValue, ParameterInfo,
    ProcessData, ProcessModes_, ProcessSetup, RestartFlags_::kLatencyChanged,
};
use nih_plug::wrapper::vst3::vst3::Steinberg::{
    IBStream, IBStreamTrait, IPluginFactory, IPluginFactory2, IPluginFactory2Trait, IPluginFactoryTrait, PClassInfo2,
    int32, int64, kInvalidArgument, kResultOk, tresult,
};
use nih_plug::wrapper::vst3::vst3::{Class, ComPtr, ComWrapper, Interface};

pub const EFFECT: &[u8; 16] = b"TimbreloomEffect";
pub const CODES: &[u8; 16] = b"TimbreloomCodes1";
pub const DRUMS: &[u8; 16] = b"TimbreloomDrums1";
pub const FRAMES: usize = 64;
pub const REALTIME: int32 = ProcessModes_::kRealtime as int32;
pub const OFFLINE: int32 = ProcessModes_::kOffline as int32;

// The library's entry point.
unsafe extern "system" {
    fn GetPluginFactory() -> *mut c_void;
}

/// An instance, as its host holds it.
pub struct Instance {
    pub component: ComPtr<IComponent>,
    pub controller: ComPtr<IEditController>,
    pub processor: ComPtr<IAudioProcessor>,
    pub units: ComPtr<IUnitInfo>,
    pub mapping: ComPtr<IMidiMapping>,
}

// SAFETY: VST3 has its components called from a main and an audio thread.
unsafe impl Send for Instance {}

impl Instance {
    pub fn new(class: &[u8; 16]) -> Self {
        // The crate has to be linked for its entry point to be found.
        assert!(!timbreloom::synth::instrument::CONTROLLERS.is_empty());
        let mut object = std::ptr::null_mut();
        // SAFETY: the factory is ours to let go, and ids are sixteen bytes.
        let component: ComPtr<IComponent> = unsafe {
            let factory = ComPtr::from_raw(GetPluginFactory().cast::<IPluginFactory>()).unwrap();
            let made = factory.createInstance(class.as_ptr().cast(), IComponent::IID.as_ptr().cast(), &mut object);
            assert_eq!(made, kResultOk);
            ComPtr::from_raw(object.cast()).unwrap()
        };
        let controller = component.cast().unwrap();
        let processor = component.cast().unwrap();
        let (units, mapping) = (component.cast().unwrap(), component.cast().unwrap());
        Self { component, controller, processor, units, mapping }
    }

    /// Until it plays, at 48 kHz in blocks of 64 frames.
    pub fn start(&self) {
        self.start_in(REALTIME);
    }

    /// The same in one of VST3's modes, said in the set-up.
    pub fn start_in(&self, mode: int32) {
        let (frames, rate_hz) = (FRAMES as i32, 48e3);
        let mut setup =
            ProcessSetup { processMode: mode, symbolicSampleSize: 0, maxSamplesPerBlock: frames, sampleRate: rate_hz };
        // SAFETY: in the order that VST3 asks for.
        unsafe {
            assert_eq!(self.processor.setupProcessing(&mut setup), kResultOk);
            assert_eq!(self.component.setActive(1), kResultOk);
            assert_eq!(self.processor.setProcessing(1), kResultOk);
        }
    }

    /// Until it may be set up anew.
    pub fn stop(&self) {
        // SAFETY: in the order that VST3 asks for.
        unsafe {
            assert_eq!(self.processor.setProcessing(0), kResultOk);
            assert_eq!(self.component.setActive(0), kResultOk);
        }
    }

    /// What the plugin asks of its host from now on.
    pub fn listen(&self) -> Arc<AtomicU32> {
        let restarts = Arc::<AtomicU32>::default();
        let handler = ComWrapper::new(Handler(Arc::clone(&restarts))).to_com_ptr::<IComponentHandler>().unwrap();
        // SAFETY: the plugin takes a reference of its own.
        assert_eq!(unsafe { self.controller.setComponentHandler(handler.as_ptr()) }, kResultOk);
        restarts
    }

    /// Plays a block of stereo, with changes of parameters at its start.
    pub fn play(&self, input: f32, changes: &[(ParamID, ParamValue)]) -> (Vec<f32>, u64) {
        self.play_in(REALTIME, input, changes)
    }

    /// The same, in a mode that is said with the block.
    pub fn play_in(&self, mode: int32, input: f32, changes: &[(ParamID, ParamValue)]) -> (Vec<f32>, u64) {
        self.play_block(mode, &[input; FRAMES], changes)
    }

    /// The same, of any sound.
    pub fn play_block(&self, mode: int32, block: &[f32; FRAMES], changes: &[(ParamID, ParamValue)]) -> (Vec<f32>, u64) {
        let (left, right) = (*block, *block);
        let (mut out_left, mut out_right) = (vec![1.0f32; FRAMES], vec![1.0f32; FRAMES]);
        let mut ins = [left.as_ptr().cast_mut(), right.as_ptr().cast_mut()];
        let mut outs = [out_left.as_mut_ptr(), out_right.as_mut_ptr()];
        let bus = |channels: &mut [*mut f32; 2], silence| AudioBusBuffers {
            numChannels: 2,
            silenceFlags: silence,
            __field0: AudioBusBuffers__type0 { channelBuffers32: channels.as_mut_ptr() },
        };
        // As a host that never clears what it was told last.
        let (mut inputs, mut outputs) = (bus(&mut ins, 0), bus(&mut outs, u64::MAX));
        let changes = ComWrapper::new(Changes::new(changes)).to_com_ptr::<IParameterChanges>().unwrap();
        // SAFETY: all that it points to lives until the end of this function; the rest is null.
        unsafe {
            let has_input = self.component.getBusCount(0, 0) > 0;
            let mut data: ProcessData = std::mem::zeroed();
            data.processMode = mode;
            data.numSamples = FRAMES as i32;
            (data.numInputs, data.inputs) = if has_input { (1, &raw mut inputs) } else { (0, std::ptr::null_mut()) };
            (data.numOutputs, data.outputs) = (1, &raw mut outputs);
            data.inputParameterChanges = changes.as_ptr();
            assert_eq!(self.processor.process(&mut data), kResultOk);
        }
        (out_left, outputs.silenceFlags)
    }

    /// The parameters as hosts list them.
    pub fn params(&self) -> Vec<(ParamID, String)> {
        // SAFETY: the place is ours.
        unsafe {
            let count = self.controller.getParameterCount();
            (0..count)
                .map(|index| {
                    let mut info: ParameterInfo = std::mem::zeroed();
                    assert_eq!(self.controller.getParameterInfo(index, &mut info), kResultOk);
                    (info.id, text(&info.title))
                })
                .collect()
        }
    }

    pub fn param(&self, name: &str) -> ParamID {
        self.params().iter().find(|(_, title)| title == name).unwrap().0
    }

    pub fn set(&self, id: ParamID, value: f64) {
        // SAFETY: takes any numbers.
        assert_eq!(unsafe { self.controller.setParamNormalized(id, value) }, kResultOk);
    }

    pub fn get(&self, id: ParamID) -> f64 {
        // SAFETY: takes any number.
        unsafe { self.controller.getParamNormalized(id) }
    }

    pub fn save(&self) -> serde_json::Value {
        serde_json::from_slice(&self.save_bytes()).unwrap()
    }

    pub fn save_bytes(&self) -> Vec<u8> {
        let stream = ComWrapper::new(Stream::default());
        // SAFETY: the stream lives for the call.
        let saved = unsafe { self.component.getState(stream.as_com_ref::<IBStream>().unwrap().as_ptr()) };
        assert_eq!(saved, kResultOk);
        stream.0.lock().unwrap().0.clone()
    }

    pub fn load(&self, bytes: &[u8]) {
        let stream = ComWrapper::new(Stream(Mutex::new((bytes.to_vec(), 0))));
        // SAFETY: the stream lives for the call.
        let loaded = unsafe { self.component.setState(stream.as_com_ref::<IBStream>().unwrap().as_ptr()) };
        assert_eq!(loaded, kResultOk);
    }
}

/// What the library says of its classes.
pub fn classes() -> Vec<PClassInfo2> {
    // SAFETY: the factory is ours to let go, and the places are ours.
    unsafe {
        let factory = ComPtr::from_raw(GetPluginFactory().cast::<IPluginFactory>()).unwrap();
        let factory = factory.cast::<IPluginFactory2>().unwrap();
        (0..factory.countClasses())
            .map(|index| {
                let mut info: PClassInfo2 = std::mem::zeroed();
                assert_eq!(factory.getClassInfo2(index, &mut info), kResultOk);
                info
            })
            .collect()
    }
}

pub fn text(units: &[u16]) -> String {
    let length = units.iter().position(|&unit| unit == 0).unwrap();
    String::from_utf16(&units[..length]).unwrap()
}

/// Counts what asks for a restart.
struct Handler(Arc<AtomicU32>);

impl Class for Handler {
    type Interfaces = (IComponentHandler,);
}

impl IComponentHandlerTrait for Handler {
    unsafe fn beginEdit(&self, _: ParamID) -> tresult {
        kResultOk
    }

    unsafe fn performEdit(&self, _: ParamID, _: ParamValue) -> tresult {
        kResultOk
    }

    unsafe fn endEdit(&self, _: ParamID) -> tresult {
        kResultOk
    }

    unsafe fn restartComponent(&self, flags: int32) -> tresult {
        if flags & kLatencyChanged as int32 != 0 {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
        kResultOk
    }
}

/// A host's changes for a block, one point each, at its first frame.
struct Changes(Vec<ComPtr<IParamValueQueue>>);

impl Changes {
    fn new(changes: &[(ParamID, ParamValue)]) -> Self {
        Self(changes.iter().map(|&(id, value)| ComWrapper::new(Queue(id, value)).to_com_ptr().unwrap()).collect())
    }
}

impl Class for Changes {
    type Interfaces = (IParameterChanges,);
}

impl IParameterChangesTrait for Changes {
    unsafe fn getParameterCount(&self) -> int32 {
        self.0.len() as int32
    }

    unsafe fn getParameterData(&self, index: int32) -> *mut IParamValueQueue {
        self.0.get(index as usize).map_or(std::ptr::null_mut(), ComPtr::as_ptr)
    }

    unsafe fn addParameterData(&self, _: *const ParamID, _: *mut int32) -> *mut IParamValueQueue {
        std::ptr::null_mut()
    }
}

struct Queue(ParamID, ParamValue);

impl Class for Queue {
    type Interfaces = (IParamValueQueue,);
}

impl IParamValueQueueTrait for Queue {
    unsafe fn getParameterId(&self) -> ParamID {
        self.0
    }

    unsafe fn getPointCount(&self) -> int32 {
        1
    }

    unsafe fn getPoint(&self, _: int32, offset: *mut int32, value: *mut ParamValue) -> tresult {
        // SAFETY: places for both.
        unsafe {
            offset.write(0);
            value.write(self.1);
        }
        kResultOk
    }

    unsafe fn addPoint(&self, _: int32, _: ParamValue, _: *mut int32) -> tresult {
        kInvalidArgument
    }
}

/// Bytes and the place where reading goes on.
#[derive(Default)]
struct Stream(Mutex<(Vec<u8>, usize)>);

impl Class for Stream {
    type Interfaces = (IBStream,);
}

impl IBStreamTrait for Stream {
    unsafe fn read(&self, buffer: *mut c_void, bytes: int32, read: *mut int32) -> tresult {
        let mut stream = self.0.lock().unwrap();
        let (at, count) = (stream.1, (bytes as usize).min(stream.0.len() - stream.1));
        // SAFETY: there is room for as many bytes as are asked for.
        unsafe {
            std::ptr::copy_nonoverlapping(stream.0[at..].as_ptr(), buffer.cast(), count);
            read.write(count as int32);
        }
        stream.1 += count;
        kResultOk
    }

    unsafe fn write(&self, buffer: *mut c_void, bytes: int32, written: *mut int32) -> tresult {
        // SAFETY: there are as many bytes as the plugin says.
        let from = unsafe { std::slice::from_raw_parts(buffer.cast(), bytes as usize) };
        self.0.lock().unwrap().0.extend_from_slice(from);
        // SAFETY: a place for the number.
        unsafe { written.write(bytes) };
        kResultOk
    }

    unsafe fn seek(&self, to: int64, mode: int32, result: *mut int64) -> tresult {
        let mut stream = self.0.lock().unwrap();
        let from = [0, stream.1, stream.0.len()][mode as usize] as int64;
        stream.1 = (from + to) as usize;
        if !result.is_null() {
            // SAFETY: a place for the number.
            unsafe { result.write(stream.1 as int64) };
        }
        kResultOk
    }

    unsafe fn tell(&self, at: *mut int64) -> tresult {
        // SAFETY: a place for the number.
        unsafe { at.write(self.0.lock().unwrap().1 as int64) };
        kResultOk
    }
}

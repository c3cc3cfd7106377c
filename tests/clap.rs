//! The CLAP as a host sees it, call by call: what the framework gets wrong and `plugin::clap_entry` puts right.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

use std::ffi::{CStr, c_char, c_void};
use std::sync::atomic::{AtomicU32, Ordering};

use clap_sys::audio_buffer::clap_audio_buffer;
use clap_sys::entry::clap_plugin_entry;
use clap_sys::events::{
    CLAP_EVENT_TRANSPORT, CLAP_TRANSPORT_IS_PLAYING, clap_event_header, clap_event_transport, clap_input_events,
    clap_output_events,
};
use clap_sys::ext::latency::{CLAP_EXT_LATENCY, clap_plugin_latency};
use clap_sys::ext::params::{
    CLAP_EXT_PARAMS, CLAP_PARAM_IS_ENUM, CLAP_PARAM_IS_STEPPED, clap_param_info, clap_plugin_params,
};
use clap_sys::ext::state::{CLAP_EXT_STATE, clap_plugin_state};
use clap_sys::ext::tail::{CLAP_EXT_TAIL, clap_plugin_tail};
use clap_sys::factory::plugin_factory::{CLAP_PLUGIN_FACTORY_ID, clap_plugin_factory};
use clap_sys::host::clap_host;
use clap_sys::plugin::clap_plugin;
use clap_sys::process::{CLAP_PROCESS_SLEEP, clap_process, clap_process_status};
use clap_sys::stream::clap_istream;
use clap_sys::version::CLAP_VERSION;

const FRAMES: usize = 512;

// The library's entry point.
unsafe extern "C" {
    static clap_entry: clap_plugin_entry;
}

/// How often a plugin asked to be played.
static WAKES: AtomicU32 = AtomicU32::new(0);

unsafe extern "C" fn no_extension(_: *const clap_host, _: *const c_char) -> *const c_void {
    std::ptr::null()
}

unsafe extern "C" fn ignore(_: *const clap_host) {}

unsafe extern "C" fn wake(_: *const clap_host) {
    WAKES.fetch_add(1, Ordering::SeqCst);
}

struct Host(clap_host);

// SAFETY: nothing in it is written.
unsafe impl Sync for Host {}

static HOST: Host = Host(clap_host {
    clap_version: CLAP_VERSION,
    host_data: std::ptr::null_mut(),
    name: c"test".as_ptr(),
    vendor: c"test".as_ptr(),
    url: c"".as_ptr(),
    version: c"1".as_ptr(),
    get_extension: Some(no_extension),
    request_restart: Some(ignore),
    request_process: Some(wake),
    request_callback: Some(ignore),
});

unsafe extern "C" fn none(_: *const clap_input_events) -> u32 {
    0
}

unsafe extern "C" fn nothing(_: *const clap_input_events, _: u32) -> *const clap_event_header {
    std::ptr::null()
}

unsafe extern "C" fn take(_: *const clap_output_events, _: *const clap_event_header) -> bool {
    true
}

const IN_EVENTS: clap_input_events =
    clap_input_events { ctx: std::ptr::null_mut(), size: Some(none), get: Some(nothing) };
const OUT_EVENTS: clap_output_events = clap_output_events { ctx: std::ptr::null_mut(), try_push: Some(take) };

/// From a slice that `ctx` points to.
unsafe extern "C" fn read(stream: *const clap_istream, buffer: *mut c_void, size: u64) -> i64 {
    // SAFETY: as it was made, and the plugin's buffer.
    unsafe {
        let left = &mut *(*stream).ctx.cast::<&[u8]>();
        let (now, later) = left.split_at(left.len().min(size as usize));
        std::ptr::copy_nonoverlapping(now.as_ptr(), buffer.cast(), now.len());
        *left = later;
        now.len() as i64
    }
}

/// An instance of the effect, until the end of the test.
struct Instance(*const clap_plugin);

impl Instance {
    fn new() -> Self {
        // The crate has to be linked for its entry point to be found.
        assert!(!timbreloom::synth::instrument::CONTROLLERS.is_empty());
        // SAFETY: in the order that CLAP asks for, with a host that stays.
        unsafe {
            assert!(clap_entry.init.unwrap()(c"test".as_ptr()));
            let factory = clap_entry.get_factory.unwrap()(CLAP_PLUGIN_FACTORY_ID.as_ptr());
            let factory = &*factory.cast::<clap_plugin_factory>();
            let plugin = factory.create_plugin.unwrap()(factory, &HOST.0, c"org.timbreloom.effect".as_ptr());
            assert!((*plugin).init.unwrap()(plugin));
            Self(plugin)
        }
    }

    fn params(&self) -> &clap_plugin_params {
        self.extension(CLAP_EXT_PARAMS)
    }

    fn extension<T>(&self, id: &CStr) -> &T {
        // SAFETY: each caller names the type that belongs to the id.
        unsafe { &*(*self.0).get_extension.unwrap()(self.0, id.as_ptr()).cast::<T>() }
    }

    fn infos(&self) -> Vec<clap_param_info> {
        let params = self.params();
        // SAFETY: the places are ours.
        unsafe {
            (0..params.count.unwrap()(self.0))
                .map(|index| {
                    let mut info: clap_param_info = std::mem::zeroed();
                    assert!(params.get_info.unwrap()(self.0, index, &mut info));
                    info
                })
                .collect()
        }
    }

    fn start(&self) {
        // SAFETY: in the order that CLAP asks for.
        unsafe {
            assert!((*self.0).activate.unwrap()(self.0, 48e3, 1, FRAMES as u32));
            assert!((*self.0).start_processing.unwrap()(self.0));
        }
    }

    /// Plays a block of stereo; how that went, and which channels were marked.
    fn play(&self, input: f32) -> (clap_process_status, u64, bool) {
        self.play_in(input, std::ptr::null())
    }

    fn play_in(&self, input: f32, song: *const clap_event_transport) -> (clap_process_status, u64, bool) {
        let mut ins = [vec![input; FRAMES], vec![input; FRAMES]];
        let mut outs = [vec![1.0f32; FRAMES], vec![1.0f32; FRAMES]];
        let mut in_channels = ins.each_mut().map(|channel| channel.as_mut_ptr());
        let mut out_channels = outs.each_mut().map(|channel| channel.as_mut_ptr());
        let port = |channels: &mut [*mut f32; 2], constant_mask| clap_audio_buffer {
            data32: channels.as_mut_ptr(),
            data64: std::ptr::null_mut(),
            channel_count: 2,
            latency: 0,
            constant_mask,
        };
        // As a host that never clears what it was told last.
        let (inputs, mut outputs) = (port(&mut in_channels, 0), port(&mut out_channels, u64::MAX));
        let block = clap_process {
            steady_time: -1,
            frames_count: FRAMES as u32,
            transport: song,
            audio_inputs: &raw const inputs,
            audio_outputs: &raw mut outputs,
            audio_inputs_count: 1,
            audio_outputs_count: 1,
            in_events: &IN_EVENTS,
            out_events: &OUT_EVENTS,
        };
        // SAFETY: all that it points to lives until the end of this function.
        let status = unsafe { (*self.0).process.unwrap()(self.0, &block) };
        (status, outputs.constant_mask, outs.iter().flatten().all(|&sample| sample == 0.0))
    }
}

#[test]
fn choices_are_marked_and_stepped_values_are_whole() {
    let plugin = Instance::new();
    let infos = plugin.infos();
    let mut choices = 0;
    for info in &infos {
        // SAFETY: the name ends in NUL, and the place is ours.
        let (name, value) = unsafe {
            let mut value = f64::NAN;
            assert!(plugin.params().get_value.unwrap()(plugin.0, info.id, &mut value));
            (CStr::from_ptr(info.name.as_ptr()).to_str().unwrap(), value)
        };
        if info.flags & CLAP_PARAM_IS_STEPPED != 0 {
            assert_eq!((value.fract(), info.default_value.fract()), (0.0, 0.0), "{name}");
        }
        let is_choice = info.flags & CLAP_PARAM_IS_ENUM != 0;
        assert!(!is_choice || info.flags & CLAP_PARAM_IS_STEPPED != 0, "{name}");
        choices += usize::from(is_choice);
        if ["Channels", "Bypass", "Loudness Mode", "Mix"].contains(&name) {
            assert_eq!(is_choice, name != "Mix", "{name}");
        }
    }
    assert!(choices >= 3);
    // The framework panics for the first index that there is not.
    // SAFETY: the place is ours.
    unsafe {
        let mut info: clap_param_info = std::mem::zeroed();
        assert!(!plugin.params().get_info.unwrap()(plugin.0, infos.len() as u32, &mut info));
    }
}

#[test]
fn the_tail_is_at_least_the_latency_from_the_activation_on() {
    let plugin = Instance::new();
    plugin.start();
    let latency = plugin.extension::<clap_plugin_latency>(CLAP_EXT_LATENCY).get.unwrap();
    let tail = plugin.extension::<clap_plugin_tail>(CLAP_EXT_TAIL).get.unwrap();
    // SAFETY: the plugin lives.
    let ask = || unsafe { (latency(plugin.0), tail(plugin.0)) };
    let (latency, before) = ask();
    assert!(latency > 0 && before >= latency, "{before} of {latency} frames");
    plugin.play(0.5);
    let (latency, after) = ask();
    assert!(after > latency && after >= before, "{after} of {latency} frames");
}

#[test]
fn a_state_that_is_loaded_wakes_a_plugin_that_sleeps() {
    let plugin = Instance::new();
    plugin.start();
    let state: &clap_plugin_state = plugin.extension(CLAP_EXT_STATE);
    let before = WAKES.load(Ordering::SeqCst);
    let mut left = &b"\x02\0\0\0\0\0\0\0{}"[..];
    let stream = clap_istream { ctx: (&raw mut left).cast(), read: Some(read) };
    // SAFETY: the stream lives for the call. Whether there was anything in it makes no difference.
    let _ = unsafe { state.load.unwrap()(plugin.0, &stream) };
    assert!(WAKES.load(Ordering::SeqCst) > before);
}

#[test]
fn a_plugin_that_is_silent_and_stays_so_sleeps_and_wakes() {
    let plugin = Instance::new();
    plugin.start();
    let mut sleeps_after = None;
    let blocks = 8 * 48_000 / FRAMES;
    for block in 0..blocks {
        let (status, mask, is_silent) = plugin.play(0.0);
        assert_eq!(mask, if is_silent { 0b11 } else { 0 });
        if status == CLAP_PROCESS_SLEEP {
            assert!(is_silent);
            sleeps_after = Some(block);
            break;
        }
        // Real time, so that the worker comes to its rest.
        std::thread::sleep(std::time::Duration::from_millis(11));
    }
    assert!(sleeps_after.is_some_and(|block| block > 0), "not within eight seconds, or at once");
    // While the song plays it stays awake: its hops lie at their places of the song.
    // SAFETY: all zeros are a valid value.
    let mut song: clap_event_transport = unsafe { std::mem::zeroed() };
    song.header.size = size_of::<clap_event_transport>() as u32;
    song.header.type_ = CLAP_EVENT_TRANSPORT;
    song.flags = CLAP_TRANSPORT_IS_PLAYING;
    let (status, _, is_silent) = plugin.play_in(0.0, &raw const song);
    assert!(is_silent && status != CLAP_PROCESS_SLEEP);
    // Sound wakes it.
    assert_ne!(plugin.play(0.5).0, CLAP_PROCESS_SLEEP);
    // And so does what the host brings outside of a block.
    let before = WAKES.load(Ordering::SeqCst);
    // SAFETY: the lists stay.
    unsafe { plugin.params().flush.unwrap()(plugin.0, &IN_EVENTS, &OUT_EVENTS) };
    assert!(WAKES.load(Ordering::SeqCst) > before);
}

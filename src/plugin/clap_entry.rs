//! The CLAP entry: the framework's plugins, with some answers put right.
//!
//! nice-plug's `nice_export_clap!` leaves no place to repair anything, so this is what the macro writes, with single functions of
//! the plugin and of its extensions replaced:
//!
//! - `get_value` is the value alone. The framework adds the host's modulation, so a host that reads parameters while it
//!   modulates them, as to draw its knobs or to save a preset, would take a passing state for the musician's setting.
//!   Values of stepped parameters are whole numbers, where the framework gives 2.9999998.
//! - `get_info` marks choices as such, and refuses the first index that there is not, for which the framework panics.
//! - `activate` tells the host of another latency within the call, see [`clap_latency`].
//! - `tail` is at least the latency. The framework knows none before the first block, when hosts ask how long to bounce.
//! - `process` marks output channels that hold zeros alone as constant, and lets a plugin sleep that is silent and stays so.
//!   What may end its silence without an event or a sound wakes it: a value that is flushed, a state, a window.

use std::ffi::{CStr, c_char, c_void};
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

use clap_sys::events::{CLAP_TRANSPORT_IS_PLAYING, clap_input_events, clap_output_events};
use clap_sys::ext::gui::{CLAP_EXT_GUI, clap_plugin_gui, clap_window};
use clap_sys::ext::params::{
    CLAP_EXT_PARAMS, CLAP_PARAM_IS_ENUM, CLAP_PARAM_IS_STEPPED, clap_param_info, clap_plugin_params,
};
use clap_sys::ext::state::{CLAP_EXT_STATE, clap_plugin_state};
use clap_sys::ext::tail::{CLAP_EXT_TAIL, clap_plugin_tail};
use clap_sys::process::{
    CLAP_PROCESS_CONTINUE_IF_NOT_QUIET, CLAP_PROCESS_ERROR, CLAP_PROCESS_SLEEP, clap_process, clap_process_status,
};
use clap_sys::stream::clap_istream;
use nih_plug::prelude::{ClapPlugin, ParamPtr};
use nih_plug::wrapper::clap::{
    CLAP_PLUGIN_FACTORY_ID, CLAP_VERSION, PluginDescriptor, Wrapper, clap_host, clap_plugin, clap_plugin_descriptor,
    clap_plugin_entry, clap_plugin_factory,
};
use nih_plug::wrapper::setup_logger;

use super::{Timbreloom, clap_latency, clap_state};

/// What is patched of a plugin's extensions; the functions are the same for every instance.
struct Patched {
    params: OnceLock<clap_plugin_params>,
    state: OnceLock<clap_plugin_state>,
    gui: OnceLock<clap_plugin_gui>,
    tail: OnceLock<clap_plugin_tail>,
}

/// A plugin of this library.
trait Exported: ClapPlugin {
    /// Its own: the framework's functions are others for each plugin.
    fn patched() -> &'static Patched;

    fn descriptor() -> &'static PluginDescriptor;
}

/// What the factory has to know of a plugin.
struct Offer {
    descriptor: fn() -> &'static PluginDescriptor,
    create: fn(*const clap_host) -> *const clap_plugin,
}

macro_rules! offer {
    ($($plugin:ty, $vst3:ty, $controllers:expr;)*) => {
        $(impl Exported for $plugin {
            fn patched() -> &'static Patched {
                static PATCHED: Patched = Patched {
                    params: OnceLock::new(),
                    state: OnceLock::new(),
                    gui: OnceLock::new(),
                    tail: OnceLock::new(),
                };
                &PATCHED
            }

            fn descriptor() -> &'static PluginDescriptor {
                static DESCRIPTOR: OnceLock<PluginDescriptor> = OnceLock::new();
                DESCRIPTOR.get_or_init(PluginDescriptor::for_plugin::<$plugin>)
            }
        })*

        /// In the order in which hosts list them.
        const OFFERS: &[Offer] =
            &[$(Offer { descriptor: <$plugin as Exported>::descriptor, create: create::<$plugin> }),*];
    };
}

with_plugins!(offer);

/// What the host holds: the framework's plugin, with some functions of ours in it.
///
/// The host's pointer is one to its first field. The framework's functions take it as their own: they only look for the data.
#[repr(C)]
struct Ours {
    plugin: clap_plugin,
    frameworks: clap_plugin,
    host: *const clap_host,
}

/// The CLAP library's entry point.
#[unsafe(no_mangle)]
#[used]
#[allow(non_upper_case_globals, reason = "CLAP hosts look for this name")]
pub static clap_entry: clap_plugin_entry = clap_plugin_entry {
    clap_version: CLAP_VERSION,
    init: Some(init),
    deinit: Some(deinit),
    get_factory: Some(get_factory),
};

static FACTORY: clap_plugin_factory = clap_plugin_factory {
    get_plugin_count: Some(get_plugin_count),
    get_plugin_descriptor: Some(get_plugin_descriptor),
    create_plugin: Some(create_plugin),
};

unsafe extern "C" fn init(_plugin_path: *const c_char) -> bool {
    setup_logger::<Timbreloom<true>>();
    true
}

unsafe extern "C" fn deinit() {}

unsafe extern "C" fn get_factory(id: *const c_char) -> *const c_void {
    // SAFETY: hosts pass a string that ends in NUL.
    if id.is_null() || unsafe { CStr::from_ptr(id) } != CLAP_PLUGIN_FACTORY_ID {
        return std::ptr::null();
    }
    (&raw const FACTORY).cast()
}

unsafe extern "C" fn get_plugin_count(_factory: *const clap_plugin_factory) -> u32 {
    OFFERS.len() as u32
}

unsafe extern "C" fn get_plugin_descriptor(
    _factory: *const clap_plugin_factory,
    index: u32,
) -> *const clap_plugin_descriptor {
    let offer = OFFERS.get(index as usize);
    offer.map_or(std::ptr::null(), |offer| (offer.descriptor)().clap_plugin_descriptor())
}

unsafe extern "C" fn create_plugin(
    _factory: *const clap_plugin_factory,
    host: *const clap_host,
    id: *const c_char,
) -> *const clap_plugin {
    if id.is_null() {
        return std::ptr::null();
    }
    // SAFETY: hosts pass a string that ends in NUL.
    let id = unsafe { CStr::from_ptr(id) };
    let offer = OFFERS.iter().find(|offer| (offer.descriptor)().clap_id() == id);
    offer.map_or(std::ptr::null(), |offer| (offer.create)(host))
}

fn create<P: Exported>(host: *const clap_host) -> *const clap_plugin {
    // SAFETY: the host's own structure, which lives as long as its plugins.
    let wrapper = unsafe { Wrapper::<P>::new(host) };
    // SAFETY: filled by the wrapper, and copied while nothing else has it.
    let frameworks = unsafe { *wrapper.clap_plugin.as_ptr() };
    // The host owns this reference; the framework's `destroy` takes it back.
    let _ = Arc::into_raw(wrapper);
    let plugin = clap_plugin {
        activate: Some(activate::<P>),
        destroy: Some(destroy),
        get_extension: Some(get_extension::<P>),
        process: Some(process),
        ..frameworks
    };
    Box::into_raw(Box::new(Ours { plugin, frameworks, host })).cast_const().cast()
}

/// Ours of a plugin.
///
/// # Safety
/// `plugin` is null or one that [`create`] made and that has not been destroyed.
unsafe fn ours<'a>(plugin: *const clap_plugin) -> Option<&'a Ours> {
    // SAFETY: as the caller says: it is the first field of one.
    unsafe { plugin.cast::<Ours>().as_ref() }
}

unsafe extern "C" fn destroy(plugin: *const clap_plugin) {
    // SAFETY: the host destroys once what `create` made.
    let Some(ours) = (unsafe { ours(plugin) }) else { return };
    if let Some(destroy) = ours.frameworks.destroy {
        // SAFETY: handed on as it came.
        unsafe { destroy(plugin) };
    }
    // SAFETY: it was made as a box, and the framework has nothing of it any more.
    drop(unsafe { Box::from_raw(plugin.cast::<Ours>().cast_mut()) });
}

/// See [`clap_latency`]. Main thread.
unsafe extern "C" fn activate<P: Exported>(plugin: *const clap_plugin, rate_hz: f64, least: u32, most: u32) -> bool {
    // SAFETY: hosts pass the plugin that `create` made, until they destroy it.
    let (ours, wrapper) = unsafe { (ours(plugin), wrapper::<P>(plugin)) };
    let (Some(ours), Some(wrapper)) = (ours, wrapper) else { return false };
    let Some(activate) = ours.frameworks.activate else { return false };
    // SAFETY: handed on as it came, while the host and its plugin live.
    unsafe { clap_latency::around(ours.host, &wrapper.current_latency, || activate(plugin, rate_hz, least, most)) }
}

unsafe extern "C" fn get_extension<P: Exported>(plugin: *const clap_plugin, id: *const c_char) -> *const c_void {
    // SAFETY: hosts pass the plugin that `create` made, until they destroy it.
    let get = unsafe { ours(plugin) }.and_then(|ours| ours.frameworks.get_extension);
    // SAFETY: handed on as it came; the framework checks for null.
    let found = get.map_or(std::ptr::null(), |get| unsafe { get(plugin, id) });
    if found.is_null() {
        return found;
    }
    // SAFETY: hosts pass a string that ends in NUL, and where it was null nothing has been found. Under each of these ids the
    // framework returns this type; its functions are the same for every instance.
    unsafe {
        match CStr::from_ptr(id) {
            id if id == CLAP_EXT_PARAMS => {
                let params = P::patched().params.get_or_init(|| clap_plugin_params {
                    get_info: Some(get_info::<P>),
                    get_value: Some(get_value::<P>),
                    flush: Some(flush),
                    ..*found.cast()
                });
                (&raw const *params).cast()
            }
            id if id == CLAP_EXT_STATE => {
                let state = P::patched().state.get_or_init(|| clap_plugin_state { load: Some(load), ..*found.cast() });
                (&raw const *state).cast()
            }
            id if id == CLAP_EXT_GUI => {
                let gui = P::patched().gui.get_or_init(|| clap_plugin_gui {
                    set_parent: Some(set_parent),
                    show: Some(show),
                    ..*found.cast()
                });
                (&raw const *gui).cast()
            }
            id if id == CLAP_EXT_TAIL => {
                let tail = P::patched().tail.get_or_init(|| clap_plugin_tail { get: Some(tail::<P>) });
                (&raw const *tail).cast()
            }
            _ => found,
        }
    }
}

/// The framework's own table under an id, for the functions that are replaced.
///
/// # Safety
/// `plugin` is null or one that [`create`] made and that has not been destroyed, and `T` the type of the id's table.
unsafe fn frameworks<'a, T>(plugin: *const clap_plugin, id: &CStr) -> Option<&'a T> {
    // SAFETY: as the caller says.
    let get = unsafe { ours(plugin) }.and_then(|ours| ours.frameworks.get_extension)?;
    // SAFETY: under this id the framework returns this type, as the caller says, in a table that lives as long as the plugin.
    unsafe { get(plugin, id.as_ptr()).cast::<T>().as_ref() }
}

/// The wrapper of a plugin.
///
/// # Safety
/// `plugin` is null or one that `create_plugin` made and that has not been destroyed.
unsafe fn wrapper<'a, P: Exported>(plugin: *const clap_plugin) -> Option<&'a Wrapper<P>> {
    // SAFETY: as the caller says; its data is the wrapper.
    unsafe { plugin.as_ref().and_then(|plugin| plugin.plugin_data.cast::<Wrapper<P>>().as_ref()) }
}

/// What is known of a parameter, with the word for a choice. Main thread.
unsafe extern "C" fn get_info<P: Exported>(plugin: *const clap_plugin, index: u32, info: *mut clap_param_info) -> bool {
    // SAFETY: hosts pass the plugin that `create_plugin` made, until they destroy it.
    let Some(wrapper) = (unsafe { wrapper::<P>(plugin) }) else { return false };
    // SAFETY: the same plugin, and the extension's own type.
    let get = unsafe { frameworks::<clap_plugin_params>(plugin, CLAP_EXT_PARAMS) }.and_then(|params| params.get_info);
    let (Some(get), true) = (get, (index as usize) < wrapper.param_ptr_to_hash.len()) else { return false };
    // SAFETY: handed on as it came; the framework checks for null.
    if !unsafe { get(plugin, index, info) } {
        return false;
    }
    // SAFETY: the framework has filled it, so it is not null.
    let info = unsafe { &mut *info };
    let param = wrapper.param_ptr_to_hash.iter().find(|(_, hash)| **hash == info.id).map(|(param, _)| *param);
    if matches!(param, Some(ParamPtr::EnumParam(_) | ParamPtr::BoolParam(_))) {
        info.flags |= CLAP_PARAM_IS_ENUM;
    }
    if info.flags & CLAP_PARAM_IS_STEPPED != 0 {
        info.default_value = info.default_value.round();
    }
    true
}

/// A parameter's own value, without modulation. Main thread.
unsafe extern "C" fn get_value<P: Exported>(plugin: *const clap_plugin, id: u32, value: *mut f64) -> bool {
    // SAFETY: hosts pass the plugin that `create_plugin` made, until they destroy it.
    let wrapper = unsafe { wrapper::<P>(plugin) };
    let param = wrapper.and_then(|wrapper| wrapper.param_ptr_to_hash.iter().find(|(_, hash)| **hash == id));
    let Some((param, _)) = param else { return false };
    // As everywhere in the framework: shares of the range, whole numbers where there are steps.
    // SAFETY: the wrapper keeps the parameters that its pointers point to.
    let (own, steps) = unsafe { (f64::from(param.unmodulated_normalized_value()), param.step_count()) };
    // SAFETY: hosts pass a place for the value, or null.
    match unsafe { value.as_mut() } {
        Some(value) => *value = steps.map_or(own, |steps| (own * steps as f64).round()),
        None => return false,
    }
    true
}

/// Values that come outside of a block: they may end the silence of a plugin that sleeps.
unsafe extern "C" fn flush(
    plugin: *const clap_plugin,
    events: *const clap_input_events,
    out: *const clap_output_events,
) {
    // SAFETY: hosts pass the plugin that `create` made, until they destroy it; the rest is handed on as it came.
    unsafe {
        if let Some(flush) = frameworks::<clap_plugin_params>(plugin, CLAP_EXT_PARAMS).and_then(|params| params.flush) {
            flush(plugin, events, out);
        }
        wake(plugin);
    }
}

/// What can be read of a state. Main thread.
unsafe extern "C" fn load(plugin: *const clap_plugin, stream: *const clap_istream) -> bool {
    // SAFETY: hosts pass the plugin that `create` made, until they destroy it; the rest is handed on as it came.
    unsafe {
        let load = frameworks::<clap_plugin_state>(plugin, CLAP_EXT_STATE).and_then(|state| state.load);
        let is_done = load.is_some_and(|load| clap_state::load(load, plugin, stream));
        wake(plugin);
        is_done
    }
}

/// Frames that sound goes on for. Any thread.
unsafe extern "C" fn tail<P: Exported>(plugin: *const clap_plugin) -> u32 {
    // SAFETY: hosts pass the plugin that `create` made, until they destroy it; handed on as it came.
    unsafe {
        let get = frameworks::<clap_plugin_tail>(plugin, CLAP_EXT_TAIL).and_then(|tail| tail.get);
        let latency = wrapper::<P>(plugin).map_or(0, |wrapper| wrapper.current_latency.load(Ordering::SeqCst));
        get.map_or(0, |get| get(plugin)).max(latency)
    }
}

unsafe extern "C" fn set_parent(plugin: *const clap_plugin, window: *const clap_window) -> bool {
    // SAFETY: hosts pass the plugin that `create` made, until they destroy it; the rest is handed on as it came.
    unsafe {
        let set_parent = frameworks::<clap_plugin_gui>(plugin, CLAP_EXT_GUI).and_then(|gui| gui.set_parent);
        let is_done = set_parent.is_some_and(|set_parent| set_parent(plugin, window));
        wake(plugin);
        is_done
    }
}

unsafe extern "C" fn show(plugin: *const clap_plugin) -> bool {
    // SAFETY: hosts pass the plugin that `create` made, until they destroy it; the rest is handed on as it came.
    unsafe {
        let show = frameworks::<clap_plugin_gui>(plugin, CLAP_EXT_GUI).and_then(|gui| gui.show);
        let is_done = show.is_some_and(|show| show(plugin));
        wake(plugin);
        is_done
    }
}

/// Asks the host to play a plugin that it may have put to sleep. Any thread.
///
/// # Safety
/// `plugin` is null or one that [`create`] made and that has not been destroyed.
unsafe fn wake(plugin: *const clap_plugin) {
    // SAFETY: as the caller says; the host's structure lives as long as its plugins, and may be called by any thread.
    unsafe {
        if let Some(host) = ours(plugin).and_then(|ours| ours.host.as_ref())
            && let Some(request) = host.request_process
        {
            request(host);
        }
    }
}

/// A block, and what the host may take from it: which channels are silent, and whether all will be.
unsafe extern "C" fn process(plugin: *const clap_plugin, block: *const clap_process) -> clap_process_status {
    // SAFETY: hosts pass the plugin that `create` made, until they destroy it.
    let Some(process) = unsafe { ours(plugin) }.and_then(|ours| ours.frameworks.process) else {
        return CLAP_PROCESS_ERROR;
    };
    // SAFETY: handed on as it came; the framework checks for null.
    let status = unsafe { process(plugin, block) };
    // SAFETY: the host's, for this call, or null.
    let is_silent = unsafe { block.as_ref() }.is_some_and(|block| {
        // SAFETY: the host's own block.
        unsafe { mark_silence(block) }
    });
    // While the song plays nobody sleeps: hops lie at the same places of it wherever there is silence.
    // SAFETY: the host's, for this call, or null.
    let song = unsafe { block.as_ref().and_then(|block| block.transport.as_ref()) };
    let song_stands = song.is_none_or(|song| song.flags & CLAP_TRANSPORT_IS_PLAYING == 0);
    // The plugins answer with the framework's word for this when nothing will sound by itself.
    let may_sleep = status == CLAP_PROCESS_CONTINUE_IF_NOT_QUIET && is_silent && song_stands;
    if may_sleep { CLAP_PROCESS_SLEEP } else { status }
}

/// Marks the output channels that hold nothing but zeros, which the framework leaves as the host had them; whether all do.
///
/// # Safety
/// What `block` points to is the host's, and lives for this call.
unsafe fn mark_silence(block: &clap_process) -> bool {
    let frames = block.frames_count as usize;
    if block.audio_outputs.is_null() || frames == 0 {
        return false;
    }
    let mut is_silent = true;
    for port in 0..block.audio_outputs_count as usize {
        // SAFETY: there are as many ports as the host says.
        let port = unsafe { &mut *block.audio_outputs.add(port) };
        port.constant_mask = 0;
        if port.data32.is_null() {
            is_silent = false;
            continue;
        }
        for channel in 0..port.channel_count as usize {
            // SAFETY: as many channels as the host says.
            let samples = unsafe { *port.data32.add(channel) };
            // SAFETY: as many frames as the host says.
            let is_zero = !samples.is_null()
                && unsafe { std::slice::from_raw_parts(samples, frames) }.iter().all(|&sample| sample == 0.0);
            is_silent &= is_zero;
            if channel < 64 {
                port.constant_mask |= u64::from(is_zero) << channel;
            }
        }
    }
    is_silent
}

//! The CLAP entry: the framework's plugins, with one answer put right.
//!
//! CLAP keeps a parameter's value and the host's modulation of it apart: `get_value` is the value alone. nice-plug 0.4.2
//! answers with the sum (`Wrapper::ext_params_get_value`), so a host that reads parameters while it modulates them, as to
//! draw its knobs or to save a preset, would take a passing state for the musician's setting. Its `nice_export_clap!`
//! leaves no place to mend that, so this is what the macro writes, with the extension's one function replaced.

use std::ffi::{CStr, c_char, c_void};
use std::sync::{Arc, OnceLock};

use clap_sys::ext::params::{CLAP_EXT_PARAMS, clap_plugin_params};
use clap_sys::ext::state::{CLAP_EXT_STATE, clap_plugin_state};
use clap_sys::stream::clap_istream;
use nih_plug::prelude::ClapPlugin;
use nih_plug::wrapper::clap::{
    CLAP_PLUGIN_FACTORY_ID, CLAP_VERSION, PluginDescriptor, Wrapper, clap_host, clap_plugin, clap_plugin_descriptor,
    clap_plugin_entry, clap_plugin_factory,
};
use nih_plug::wrapper::setup_logger;

use super::{TimbreloomCodes, clap_latency, clap_state};

/// The effect as CLAP hosts get it.
type Timbreloom = super::Timbreloom<true>;

/// What is mended of a plugin's extensions.
struct Mended {
    /// What the framework answers to `get_extension`; the same function for every instance.
    frameworks: OnceLock<GetExtension>,
    params: OnceLock<clap_plugin_params>,
    /// The framework's own, and what hosts get.
    state: OnceLock<[clap_plugin_state; 2]>,
    /// The framework's own, the same for every instance.
    activate: OnceLock<Activate>,
    destroy: OnceLock<Destroy>,
}

/// A plugin of this library.
trait Exported: ClapPlugin {
    /// Its own: the framework's functions are others for each plugin.
    fn mended() -> &'static Mended;

    fn descriptor() -> &'static PluginDescriptor;
}

macro_rules! export {
    ($plugin:ty) => {
        impl Exported for $plugin {
            fn mended() -> &'static Mended {
                static MENDED: Mended = Mended {
                    frameworks: OnceLock::new(),
                    params: OnceLock::new(),
                    state: OnceLock::new(),
                    activate: OnceLock::new(),
                    destroy: OnceLock::new(),
                };
                &MENDED
            }

            fn descriptor() -> &'static PluginDescriptor {
                static DESCRIPTOR: OnceLock<PluginDescriptor> = OnceLock::new();
                DESCRIPTOR.get_or_init(PluginDescriptor::for_plugin::<$plugin>)
            }
        }
    };
}

export!(Timbreloom);
export!(TimbreloomCodes);

/// In the order in which hosts list them.
fn descriptors() -> [&'static PluginDescriptor; 2] {
    [Timbreloom::descriptor(), TimbreloomCodes::descriptor()]
}

type GetExtension = unsafe extern "C" fn(*const clap_plugin, *const c_char) -> *const c_void;

type Activate = unsafe extern "C" fn(*const clap_plugin, f64, u32, u32) -> bool;

type Destroy = unsafe extern "C" fn(*const clap_plugin);

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
    setup_logger::<Timbreloom>();
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
    descriptors().len() as u32
}

unsafe extern "C" fn get_plugin_descriptor(
    _factory: *const clap_plugin_factory,
    index: u32,
) -> *const clap_plugin_descriptor {
    descriptors().get(index as usize).map_or(std::ptr::null(), |descriptor| descriptor.clap_plugin_descriptor())
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
    if id == Timbreloom::descriptor().clap_id() {
        create::<Timbreloom>(host)
    } else if id == TimbreloomCodes::descriptor().clap_id() {
        create::<TimbreloomCodes>(host)
    } else {
        std::ptr::null()
    }
}

fn create<P: Exported>(host: *const clap_host) -> *const clap_plugin {
    // SAFETY: the host's own structure, which lives as long as its plugins.
    let wrapper = unsafe { Wrapper::<P>::new(host) };
    {
        let mut plugin = wrapper.clap_plugin.borrow_mut();
        if let Some(get_extension) = plugin.get_extension {
            P::mended().frameworks.get_or_init(|| get_extension);
            plugin.get_extension = Some(self::get_extension::<P>);
        }
        if let (Some(activate), Some(destroy)) = (plugin.activate, plugin.destroy) {
            P::mended().activate.get_or_init(|| activate);
            P::mended().destroy.get_or_init(|| destroy);
            plugin.activate = Some(self::activate::<P>);
            plugin.destroy = Some(self::destroy::<P>);
        }
        clap_latency::belongs_to(&raw const *plugin, host);
    }
    // The host owns this reference; `Wrapper::destroy` takes it back.
    // SAFETY: the pointer comes from an `Arc` that is not dropped here.
    unsafe { (*Arc::into_raw(wrapper)).clap_plugin.as_ptr() }
}

/// See [`clap_latency`]. Main thread.
unsafe extern "C" fn activate<P: Exported>(plugin: *const clap_plugin, rate_hz: f64, least: u32, most: u32) -> bool {
    let Some(frameworks) = P::mended().activate.get() else { return false };
    // SAFETY: hosts pass the plugin that `create_plugin` made, whose data is the wrapper, until they destroy it.
    let wrapper = unsafe { plugin.as_ref().and_then(|plugin| plugin.plugin_data.cast::<Wrapper<P>>().as_ref()) };
    let Some(wrapper) = wrapper else { return false };
    // SAFETY: handed on as it came, while the host and its plugin live.
    unsafe { clap_latency::around(plugin, &wrapper.current_latency, || frameworks(plugin, rate_hz, least, most)) }
}

unsafe extern "C" fn destroy<P: Exported>(plugin: *const clap_plugin) {
    clap_latency::forget(plugin);
    if let Some(frameworks) = P::mended().destroy.get() {
        // SAFETY: handed on as it came.
        unsafe { frameworks(plugin) };
    }
}

unsafe extern "C" fn get_extension<P: Exported>(plugin: *const clap_plugin, id: *const c_char) -> *const c_void {
    let Some(frameworks) = P::mended().frameworks.get() else { return std::ptr::null() };
    // SAFETY: handed on as it came; the framework checks for null.
    let found = unsafe { frameworks(plugin, id) };
    if found.is_null() {
        return found;
    }
    // SAFETY: hosts pass a string that ends in NUL, and where it was null nothing has been found.
    let id = unsafe { CStr::from_ptr(id) };
    if id == CLAP_EXT_STATE {
        let [_, mended] = P::mended().state.get_or_init(|| {
            // SAFETY: under this id the framework returns this type; its functions are the same for every instance.
            let frameworks = unsafe { *found.cast::<clap_plugin_state>() };
            [frameworks, clap_plugin_state { load: Some(load_state::<P>), ..frameworks }]
        });
        return (&raw const *mended).cast();
    }
    if id != CLAP_EXT_PARAMS {
        return found;
    }
    let params = P::mended().params.get_or_init(|| {
        // SAFETY: under this id the framework returns this type; its functions are the same for every instance.
        let frameworks = unsafe { *found.cast::<clap_plugin_params>() };
        clap_plugin_params { get_value: Some(get_value::<P>), ..frameworks }
    });
    (&raw const *params).cast()
}

/// What can be read of a state. Main thread.
unsafe extern "C" fn load_state<P: Exported>(plugin: *const clap_plugin, stream: *const clap_istream) -> bool {
    let Some(load) = P::mended().state.get().and_then(|[frameworks, _]| frameworks.load) else { return false };
    // SAFETY: handed on as it came from the host, to the framework's function.
    unsafe { clap_state::load(load, plugin, stream) }
}

/// A parameter's own value, without modulation. Main thread.
unsafe extern "C" fn get_value<P: Exported>(plugin: *const clap_plugin, id: u32, value: *mut f64) -> bool {
    // SAFETY: hosts pass the plugin that `create_plugin` made, whose data is the wrapper, until they destroy it.
    let wrapper = unsafe { plugin.as_ref().and_then(|plugin| plugin.plugin_data.cast::<Wrapper<P>>().as_ref()) };
    let param = wrapper.and_then(|wrapper| wrapper.param_ptr_to_hash.iter().find(|(_, hash)| **hash == id));
    let Some((param, _)) = param else { return false };
    // As everywhere in the framework: shares of the range, whole numbers where there are steps.
    // SAFETY: the wrapper keeps the parameters that its pointers point to.
    let own = unsafe { f64::from(param.unmodulated_normalized_value()) * param.step_count().unwrap_or(1) as f64 };
    // SAFETY: hosts pass a place for the value, or null.
    match unsafe { value.as_mut() } {
        Some(value) => *value = own,
        None => return false,
    }
    true
}

//! Execution providers in ONNX Runtime's terms: asking for one, and finding out whether it took any work.

use std::ffi::CStr;

use ort::AsPointer;
#[cfg(any(feature = "cuda", feature = "directml", feature = "coreml"))]
use ort::ep::ExecutionProvider;
use ort::session::Session;
use ort::session::builder::SessionBuilder;

use super::provider::Provider;

/// The session option by which a session keeps account of who runs what; see [`operators`].
pub(super) const RECORD: (&str, &str) = ("session.record_ep_graph_assignment_info", "1");

/// Whether the loaded ONNX Runtime was built with the provider, and this project too. Only after
/// [`environment`](super::runtime::environment) has succeeded.
pub(super) fn is_in_library(provider: Provider) -> bool {
    match provider {
        Provider::Cpu => true,
        #[cfg(feature = "cuda")]
        Provider::Cuda => ort::ep::CUDA::is_available().unwrap_or(false),
        #[cfg(feature = "directml")]
        Provider::DirectMl => ort::ep::DirectML::is_available().unwrap_or(false),
        #[cfg(feature = "coreml")]
        Provider::CoreMl => ort::ep::CoreML::is_available().unwrap_or(false),
        #[allow(unreachable_patterns, reason = "with all features there is no other")]
        _ => false,
    }
}

/// Asks for the provider in a session that is being built; the CPU takes what it leaves over.
#[cfg_attr(not(any(feature = "cuda", feature = "directml", feature = "coreml")), allow(unused_variables))]
pub(super) fn register(provider: Provider, builder: &mut SessionBuilder) -> Result<(), String> {
    match provider {
        Provider::Cpu => Ok(()),
        #[cfg(feature = "cuda")]
        Provider::Cuda => ort::ep::CUDA::default().register(builder).map_err(|e| e.to_string()),
        #[cfg(feature = "directml")]
        Provider::DirectMl => ort::ep::DirectML::default().register(builder).map_err(|e| e.to_string()),
        // A hop is one call of fixed shapes.
        #[cfg(feature = "coreml")]
        Provider::CoreMl => {
            ort::ep::CoreML::default().with_static_input_shapes(true).register(builder).map_err(|e| e.to_string())
        }
        #[allow(unreachable_patterns, reason = "with all features there is no other")]
        other => Err(format!("this build of Timbreloom was made without {}", other.name())),
    }
}

/// As ONNX Runtime calls it.
fn name(provider: Provider) -> &'static str {
    match provider {
        Provider::Cpu => "CPUExecutionProvider",
        Provider::Cuda => "CUDAExecutionProvider",
        Provider::DirectMl => "DmlExecutionProvider",
        Provider::CoreMl => "CoreMLExecutionProvider",
    }
}

/// How many of a session's operators the provider has really taken, by ONNX Runtime's own account; the session was
/// built with [`RECORD`].
pub(super) fn operators(session: &Session, provider: Provider) -> Result<usize, String> {
    let api = ort::api();
    // SAFETY: takes over the status that a call of the C API has just returned.
    let check = |status| unsafe { ort::Error::result_from_status(status) }.map_err(|e| e.to_string());
    let (mut parts, mut count) = (std::ptr::null(), 0);
    // SAFETY: the session is alive; the list and all in it belong to it and are only read, before it can go.
    check(unsafe { (api.Session_GetEpGraphAssignmentInfo)(session.ptr(), &mut parts, &mut count) })?;
    let mut operators = 0;
    for index in 0..count {
        let (mut taker, mut nodes, mut node_count) = (std::ptr::null(), std::ptr::null(), 0);
        // SAFETY: as above; `parts` holds `count` pointers.
        let part = unsafe { *parts.add(index) };
        // SAFETY: as above.
        check(unsafe { (api.EpAssignedSubgraph_GetEpName)(part, &mut taker) })?;
        // SAFETY: as above.
        check(unsafe { (api.EpAssignedSubgraph_GetNodes)(part, &mut nodes, &mut node_count) })?;
        // SAFETY: a NUL-terminated text that lives as long as the session.
        if unsafe { CStr::from_ptr(taker) }.to_bytes() == name(provider).as_bytes() {
            operators += node_count;
        }
    }
    Ok(operators)
}

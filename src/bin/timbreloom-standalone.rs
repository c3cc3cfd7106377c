//! Timbreloom without a host; see `timbreloom::standalone`.

use std::process::ExitCode;

fn main() -> ExitCode {
    match timbreloom::standalone::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

//! The command line program.

fn main() -> std::process::ExitCode {
    timbreloom::cli::main()
}

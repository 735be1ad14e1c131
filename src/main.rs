//! The command `pushforward`: arguments in, a report out.

fn main() -> std::process::ExitCode {
    pushforward::command::main()
}

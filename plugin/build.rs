//! How the plugin's library is linked: without its symbol table, a sixth of its bytes. Panics still unwind and
//! still say where they happened.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
        println!("cargo::rustc-link-arg-cdylib=-Wl,--strip-all");
    }
}

//! Memory that is let go goes back to the system at once.

/// Allocations of so many bytes are mappings of their own.
#[cfg(target_env = "gnu")]
const MAPPED: i32 = 1 << 20;

/// Keeps glibc at [`MAPPED`]. By itself it would take each mapping that is let go, up to 32 MiB, as a sign to keep such allocations in its heap, from
/// where they do not go back while anything above them is in use (`M_MMAP_THRESHOLD` in mallopt(3)). Chunks that come and go would then take a third
/// more memory. Other allocators are left as they are.
#[allow(unsafe_code)]
pub fn give_back() {
    #[cfg(target_env = "gnu")]
    // SAFETY: no other thread is there yet, and mallopt takes any values; a refused one changes nothing.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED);
    }
}

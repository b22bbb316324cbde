#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "no system call filter for this architecture"
#endif

// What a converter has no need of and a hostile file would: sockets, other processes, the kernel's wider doors.
static const unsigned forbidden[] = {
    SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept4, SYS_io_uring_setup,
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kill, SYS_tkill, SYS_rt_sigqueueinfo,
    SYS_rt_tgsigqueueinfo, SYS_pidfd_open, SYS_pidfd_getfd, SYS_pidfd_send_signal, SYS_process_madvise, SYS_kcmp,
    SYS_unshare, SYS_setns, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_open_by_handle_at, SYS_fsopen,
    SYS_open_tree, SYS_move_mount, SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_keyctl, SYS_add_key,
    SYS_request_key, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_personality,
    SYS_setpriority, SYS_shmget, SYS_msgget, SYS_semget, SYS_mq_open,
};
enum { COUNT = sizeof forbidden / sizeof *forbidden };

static int filter_calls(void) {
    struct sock_filter code[COUNT + 10];
    unsigned at = 0;
    code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCHITECTURE, 1, 0);
    code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    // The numbers of x32, which are the same calls by other names.
    code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, COUNT + 1, 0);
    for (unsigned each = 0; each < COUNT; each++)
        code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, forbidden[each], COUNT - each, 0);
    code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    struct sock_fprog program = {(unsigned short)at, code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return errno;
    // Not seccomp(2), which systemd's @system-service lacks.
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0) return errno;
    return 0;
}

static void allow(int rules, const char *path, uint64_t access) {
    int place = open(path, O_PATH | O_CLOEXEC);
    if (place < 0) return;
    struct landlock_path_beneath_attr beneath = {.allowed_access = access, .parent_fd = place};
    syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
    close(place);
}

// Files beneath /usr and what programs are linked and set up by may be read, those in its own folder written. Kernels without
// Landlock (before 5.13, or where it is not turned on) leave it what its user may.
static void filter_files(const char *folder) {
    const uint64_t handled = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
    const uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
    struct landlock_ruleset_attr attributes = {.handled_access_fs = handled};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes.handled_access_fs, 0);
    if (rules < 0) return;
    static const char *const programs[] = {"/usr", "/bin", "/lib", "/lib64"};
    for (unsigned each = 0; each < sizeof programs / sizeof *programs; each++)
        allow(rules, programs[each], reading | LANDLOCK_ACCESS_FS_EXECUTE);
    static const char *const settings[] = {"/etc/fonts", "/etc/ssl/openssl.cnf", "/var/cache/fontconfig", "/sys/devices/system/cpu"};
    for (unsigned each = 0; each < sizeof settings / sizeof *settings; each++) {
        allow(rules, settings[each], reading);
        allow(rules, settings[each], LANDLOCK_ACCESS_FS_READ_FILE);
    }
    static const char *const files[] = {"/etc/ld.so.cache", "/etc/localtime", "/etc/nsswitch.conf", "/etc/passwd", "/dev/urandom", "/dev/zero", "/proc/meminfo", "/proc/stat", "/proc/cpuinfo", "/proc/filesystems"};
    for (unsigned each = 0; each < sizeof files / sizeof *files; each++) allow(rules, files[each], LANDLOCK_ACCESS_FS_READ_FILE);
    allow(rules, "/dev/null", LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE);
    allow(rules, folder, handled & ~(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SOCK));
    syscall(SYS_landlock_restrict_self, rules, 0);
    close(rules);
}

int cs_has_landlock(void) { return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0; }

static int bound(int resource, rlim_t limit) {
    struct rlimit both = {limit, limit}, had;
    if (prlimit(0, resource, NULL, &had) == 0 && had.rlim_max < limit) return 0;
    return prlimit(0, resource, &both, NULL) < 0 ? errno : 0;
}

static int confine(const cs_bounds *bounds, const char *folder) {
    int failure = bound(RLIMIT_CPU, (rlim_t)bounds->processor_seconds);
    if (!failure) failure = bound(RLIMIT_CORE, 0);
    if (!failure) failure = bound(RLIMIT_FSIZE, (rlim_t)bounds->file_octets);
    if (!failure) failure = bound(RLIMIT_NOFILE, 64);
    if (!failure && bounds->memory_octets > 0) failure = bound(RLIMIT_AS, (rlim_t)bounds->memory_octets);
    if (failure) return failure;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return errno;
    filter_files(folder);
    return filter_calls();
}

int cs_spawn_confined(
    const char *program, char *const *arguments, char *const *environment, const char *directory, int input, int output,
    int errors, int niceness, const cs_bounds *bounds, cs_child *child) {
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    // It shares our memory until it executes; the calling thread sleeps so long.
    volatile int failure = 0;
    pid_t pid = vfork();
    if (pid == 0) {
        setpgid(0, 0);
        setpriority(PRIO_PROCESS, 0, niceness);
        struct sigaction standard = {.sa_handler = SIG_DFL};
        for (int each = 1; each < NSIG; each++) sigaction(each, &standard, NULL);
        int moved[3] = {fcntl(input, F_DUPFD, 10), fcntl(output, F_DUPFD, 10), fcntl(errors, F_DUPFD, 10)};
        for (int each = 0; each < 3 && !failure; each++)
            if (moved[each] < 0 || dup2(moved[each], each) < 0) failure = errno;
        if (!failure && syscall(SYS_close_range, 3, ~0U, 0) < 0) failure = errno;
        if (!failure && chdir(directory) < 0) failure = errno;
        if (!failure) failure = confine(bounds, directory);
        if (!failure) {
            sigset_t none;
            sigemptyset(&none);
            sigprocmask(SIG_SETMASK, &none, NULL);
            execve(program, arguments, environment);
            failure = errno;
        }
        _exit(127);
    }
    int own = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (pid < 0) return own;
    child->pid = pid;
    return failure ? cs_forget(pid, failure) : cs_watch(child);
}

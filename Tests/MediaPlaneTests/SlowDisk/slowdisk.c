// A disk that can be made slow: a file system (FUSE) over a directory, whose writes and syncs wait while they are told to.
//
//     slowdisk BELOW MOUNTPOINT -f
//
// BELOW/.slow holds the milliseconds that each write waits; where it is not there, none does.
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char below[PATH_MAX];

static int place(const char *path, char *out) {
    return snprintf(out, PATH_MAX, "%s%s", below, path) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

#define PLACE(path) \
    char at[PATH_MAX]; \
    if (place(path, at) != 0) return -ENAMETOOLONG

static void be_slow(void) {
    char name[PATH_MAX + 8];
    snprintf(name, sizeof name, "%s/.slow", below);
    FILE *file = fopen(name, "re");
    if (file == NULL) return;
    long milliseconds = 0;
    if (fscanf(file, "%ld", &milliseconds) != 1 || milliseconds < 0 || milliseconds > 60000) milliseconds = 0;
    fclose(file);
    struct timespec rest = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    while (nanosleep(&rest, &rest) != 0 && errno == EINTR) {}
}

static int told(int result) { return result < 0 ? -errno : 0; }

static int do_getattr(const char *path, struct stat *status, struct fuse_file_info *file) {
    if (file != NULL) return told(fstat((int)file->fh, status));
    PLACE(path);
    return told(lstat(at, status));
}

static int do_readdir(
    const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset, struct fuse_file_info *file,
    enum fuse_readdir_flags flags) {
    (void)offset, (void)file, (void)flags;
    PLACE(path);
    DIR *directory = opendir(at);
    if (directory == NULL) return -errno;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) fill(buffer, entry->d_name, NULL, 0, 0);
    closedir(directory);
    return 0;
}

static int do_open(const char *path, struct fuse_file_info *file) {
    PLACE(path);
    // What it is opened for; where it writes the kernel says.
    int fd = open(at, (file->flags & ~O_APPEND) | O_CLOEXEC);
    if (fd < 0) return -errno;
    file->fh = (uint64_t)fd;
    // Each write comes here at once and as it is made, as one to a disk whose caches are full does.
    file->direct_io = 1;
    return 0;
}

static int do_create(const char *path, mode_t mode, struct fuse_file_info *file) {
    PLACE(path);
    int fd = open(at, (file->flags & ~O_APPEND) | O_CREAT | O_CLOEXEC, mode);
    if (fd < 0) return -errno;
    file->fh = (uint64_t)fd;
    file->direct_io = 1;
    return 0;
}

static int do_read(const char *path, char *buffer, size_t size, off_t offset, struct fuse_file_info *file) {
    (void)path;
    ssize_t count = pread((int)file->fh, buffer, size, offset);
    return count < 0 ? -errno : (int)count;
}

static int do_write(const char *path, const char *buffer, size_t size, off_t offset, struct fuse_file_info *file) {
    (void)path;
    be_slow();
    ssize_t count = pwrite((int)file->fh, buffer, size, offset);
    return count < 0 ? -errno : (int)count;
}

static int do_fsync(const char *path, int data_only, struct fuse_file_info *file) {
    (void)path, (void)data_only;
    be_slow();
    return told(fdatasync((int)file->fh));
}

static int do_release(const char *path, struct fuse_file_info *file) {
    (void)path;
    return told(close((int)file->fh));
}

static int do_truncate(const char *path, off_t size, struct fuse_file_info *file) {
    if (file != NULL) return told(ftruncate((int)file->fh, size));
    PLACE(path);
    return told(truncate(at, size));
}

static int do_unlink(const char *path) {
    PLACE(path);
    return told(unlink(at));
}

static int do_mkdir(const char *path, mode_t mode) {
    PLACE(path);
    return told(mkdir(at, mode));
}

static int do_rmdir(const char *path) {
    PLACE(path);
    return told(rmdir(at));
}

static int do_rename(const char *from, const char *to, unsigned flags) {
    if (flags != 0) return -EINVAL;
    char old[PATH_MAX];
    if (place(from, old) != 0) return -ENAMETOOLONG;
    PLACE(to);
    return told(rename(old, at));
}

static int do_chmod(const char *path, mode_t mode, struct fuse_file_info *file) {
    (void)file;
    PLACE(path);
    return told(chmod(at, mode));
}

static const struct fuse_operations operations = {
    .getattr = do_getattr, .readdir = do_readdir, .open = do_open, .create = do_create, .read = do_read,
    .write = do_write, .fsync = do_fsync, .release = do_release, .truncate = do_truncate, .unlink = do_unlink,
    .mkdir = do_mkdir, .rmdir = do_rmdir, .rename = do_rename, .chmod = do_chmod,
};

int main(int count, char **arguments) {
    if (count < 3 || realpath(arguments[1], below) == NULL) return 2;
    arguments[1] = arguments[0];
    return fuse_main(count - 1, arguments + 1, &operations, NULL);
}

/* Loaded before libc (LD_PRELOAD): keeps beside a folder what a power cut would leave of it.

   A file's bytes count as kept once fsync or fdatasync of it has returned, names once that of the
   folder has. Nothing is written to the real disk; the kept copy is another folder:

     files/ID      the bytes of a file as of its last sync; ID is its inode and time of birth
     files/ID.gone one byte per page: 1 where a sync failed and the page was not written again.
                   Linux takes such a page for clean: later syncs do not write it either.
     names         "ID name" for each file, as of the folder's last sync
     lock          one sync at a time, over all processes

   Only what lies directly in the folder is kept. Reads and writes go to the real files, so all
   processes see them at once; memory maps and shared memory need no care. */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096
#define CHUNK (64 * PAGE)
#define LONG_PATH (2 * PATH_MAX)

enum { FILES, FOLDER };

static char disk[PATH_MAX], kept[PATH_MAX], failed[PATH_MAX];
static long syncs[2], first_failure[2], last_failure[2], death;

static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);

__attribute__((constructor)) static void find_real(void) {
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
}

/* --- what the writer calls ---------------------------------------------------------------- */

void faults_watch(const char *folder, const char *copy) {
    snprintf(disk, sizeof disk, "%s", folder);
    snprintf(kept, sizeof kept, "%s", copy);
    memset(syncs, 0, sizeof syncs);
    memset(last_failure, 0, sizeof last_failure);
    death = 0;
    failed[0] = 0;
}

/* Let `times` syncs of that kind fail with EIO, the first of them after `after` others. */
void faults_fail(int kind, long after, long times) {
    first_failure[kind] = syncs[kind] + after + 1;
    last_failure[kind] = syncs[kind] + after + times;
}

/* Kill the process when it calls its N-th sync of a file from now on, before anything is kept. */
void faults_die(long n) { death = syncs[FILES] + n; }

long faults_syncs(int kind) { return syncs[kind]; }

/* Which file a sync failed of last, "" for none. */
const char *faults_failed(void) { return failed; }

/* What a file is called in the copy; NULL when there is no such file. */
static char *id_at(int folder, const char *name, int flags, char *id, size_t size) {
    struct statx found;
    if (statx(folder, name, flags, STATX_INO | STATX_BTIME, &found) != 0) return NULL;
    snprintf(id, size, "%llu-%lld-%u", (unsigned long long)found.stx_ino,
             (long long)found.stx_btime.tv_sec, found.stx_btime.tv_nsec);
    return id;
}

int faults_id(const char *path, char *id, long size) {
    return id_at(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, id, size) ? 0 : -1;
}

/* --- keeping ------------------------------------------------------------------------------- */

static int broken(const char *what) {
    fprintf(stderr, "powerloss: %s: %s\n", what, strerror(errno));
    abort();
}

static int watched(int descriptor, char *path) {
    char link[64];
    size_t length = strlen(disk);
    if (length == 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t found = readlink(link, path, PATH_MAX - 1);
    if (found < 0) return 0;
    path[found] = 0;
    return strncmp(path, disk, length) == 0 && (path[length] == 0 || path[length] == '/');
}

static int kept_file(const char *id, const char *end, int flags) {
    char path[LONG_PATH];
    snprintf(path, sizeof path, "%s/files/%s%s", kept, id, end);
    return open(path, flags | O_CLOEXEC, 0600);
}

static int lock_kept(void) {
    char path[LONG_PATH];
    snprintf(path, sizeof path, "%s/lock", kept);
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0 || flock(lock, LOCK_EX) != 0) broken(path);
    return lock;
}

/* Copy the pages that differ; or, when the sync fails, mark them as gone. */
static void keep_bytes(int descriptor, const char *id, int fails) {
    static char now[CHUNK], old[CHUNK];
    int copy = kept_file(id, "", O_RDWR | O_CREAT);
    int marks = kept_file(id, ".gone", fails ? O_RDWR | O_CREAT : O_RDWR);
    if (copy < 0) broken("the copy cannot be opened");
    for (off64_t start = 0;; start += CHUNK) {
        ssize_t length = pread64(descriptor, now, CHUNK, start);
        ssize_t known = pread64(copy, old, CHUNK, start);
        if (length < 0) broken("the file cannot be read");
        if (length == 0) break;
        for (ssize_t at = 0; at < length; at += PAGE) {
            ssize_t size = length - at < PAGE ? length - at : PAGE;
            off64_t place = start + at;
            char gone = 0;
            if (known >= at + size && memcmp(now + at, old + at, size) == 0) continue;
            if (marks >= 0) pread64(marks, &gone, 1, place / PAGE);
            if (fails) {
                gone = 1;
                if (real_pwrite(marks, &gone, 1, place / PAGE) != 1) broken("no mark");
            } else if (!gone && real_pwrite(copy, now + at, size, place) != size) {
                broken("the copy cannot be written");
            }
        }
    }
    struct stat size;
    if (!fails && fstat(descriptor, &size) == 0 && ftruncate(copy, size.st_size) != 0)
        broken("the copy cannot be cut");
    close(copy);
    if (marks >= 0) close(marks);
}

static void keep_names(int descriptor) {
    char path[LONG_PATH], new[LONG_PATH], id[128];
    snprintf(path, sizeof path, "%s/names", kept);
    snprintf(new, sizeof new, "%s/names.new", kept);
    FILE *names = fopen(new, "we");
    int again = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = again < 0 ? NULL : fdopendir(again);
    if (names == NULL || folder == NULL) broken(new);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (entry->d_type == DT_REG &&
            id_at(again, entry->d_name, AT_SYMLINK_NOFOLLOW, id, sizeof id))
            fprintf(names, "%s %s\n", id, entry->d_name);
    closedir(folder);
    if (fclose(names) != 0 || rename(new, path) != 0) broken(path);
}

/* 1 when it was a watched file or folder; *result is then what the sync returns. */
static int keep(int descriptor, int *result) {
    char path[PATH_MAX], id[128];
    struct stat kind;
    if (!watched(descriptor, path) || fstat(descriptor, &kind) != 0) return 0;
    int sort = S_ISDIR(kind.st_mode) ? FOLDER : FILES;
    syncs[sort]++;
    if (sort == FILES && syncs[FILES] == death) kill(getpid(), SIGKILL);
    int fails = syncs[sort] >= first_failure[sort] && syncs[sort] <= last_failure[sort];
    int lock = lock_kept();
    if (sort == FOLDER) {
        if (!fails) keep_names(descriptor);
    } else if (id_at(descriptor, "", AT_EMPTY_PATH, id, sizeof id)) {
        keep_bytes(descriptor, id, fails);
    }
    close(lock);
    *result = 0;
    if (fails) {
        snprintf(failed, sizeof failed, "%s", path);
        errno = EIO;
        *result = -1;
    }
    return 1;
}

/* Pages that are written again will be written by the next sync. */
static void touch(int descriptor, off64_t place, ssize_t length) {
    char path[PATH_MAX], id[128], gone = 0;
    int before = errno;
    if (length <= 0 || place < 0 || !watched(descriptor, path)) return;
    if (id_at(descriptor, "", AT_EMPTY_PATH, id, sizeof id)) {
        int marks = kept_file(id, ".gone", O_RDWR);
        for (off64_t page = place / PAGE; marks >= 0 && page <= (place + length - 1) / PAGE; page++)
            if (real_pwrite(marks, &gone, 1, page) != 1) broken("no mark");
        if (marks >= 0) close(marks);
    }
    errno = before;
}

/* --- what stands before libc ---------------------------------------------------------------- */

int fsync(int descriptor) {
    int result;
    return keep(descriptor, &result) ? result : real_fsync(descriptor);
}

int fdatasync(int descriptor) {
    int result;
    return keep(descriptor, &result) ? result : real_fdatasync(descriptor);
}

ssize_t write(int descriptor, const void *bytes, size_t length) {
    ssize_t written = real_write(descriptor, bytes, length);
    if (written > 0 && disk[0])
        touch(descriptor, lseek64(descriptor, 0, SEEK_CUR) - written, written);
    return written;
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off64_t place) {
    ssize_t written = real_pwrite(descriptor, bytes, length, place);
    touch(descriptor, place, written);
    return written;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t length, off_t place) {
    return pwrite64(descriptor, bytes, length, place);
}

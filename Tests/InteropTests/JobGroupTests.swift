import Testing

@testable import causewayd

/// Where the daemon finds its control group.
@Suite struct JobGroupTests {
    @Test(
        arguments: [
            // systemd's own hierarchy.
            (
                "0::/system.slice/causewayd.service\n",
                "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
                "/sys/fs/cgroup/system.slice/causewayd.service"
            ),
            // Beside groups of version 1.
            (
                "9:name=systemd:/x\n1:cpu:/\n0::/system.slice/causewayd.service\n",
                "40 30 0:35 / /sys/fs/cgroup/unified rw shared:9 - cgroup2 cgroup2 rw\n41 30 0:36 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n",
                "/sys/fs/cgroup/unified/system.slice/causewayd.service"
            ),
            // In a container that sees a part of the tree.
            (
                "0::/payload/causewayd.service\n", "29 23 0:26 /payload /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
                "/sys/fs/cgroup/causewayd.service"
            ),
            ("1:cpu:/\n", "29 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", nil),
            ("0::/a\n", "41 30 0:36 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n", nil),
            ("", "", nil),
        ] as [(String, String, String?)])
    func itIsWhereTheHierarchyIsMounted(group: String, mounts: String, place: String?) {
        #expect(JobGroup.place(group: group, mounts: mounts) == place)
    }
}

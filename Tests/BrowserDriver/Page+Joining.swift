import InteropSupport

/// The way of a person into a meeting, by the join page.
extension Page {
    /// Opens a room's page and waits for its device check.
    package func openRoom(_ address: String) async throws {
        // A tone that never changes is noise to what cleans the sound of microphones, and is taken away.
        try await prepare(
            """
            const Peer = RTCPeerConnection;
            window.peers = [];
            window.RTCPeerConnection = class extends Peer {
              constructor(...arguments_) { super(...arguments_); window.peers.push(this); }
            };
            const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
            navigator.mediaDevices.getUserMedia = (wanted) => open(wanted.audio
              ? { audio: { ...wanted.audio, echoCancellation: false, noiseSuppression: false, autoGainControl: false } }
              : wanted);
            """)
        try await open(address)
        try await waitToSee("#check")
        // The fake camera shows, its name stands in the list.
        try await waitUntil("the camera", "document.getElementById('preview').srcObject !== null")
    }

    /// Signs in at the device check.
    package func signIn(_ username: String, _ password: String) async throws {
        try await fill("#name", username)
        try await fill("#password", password)
        try await click("#join")
    }
}

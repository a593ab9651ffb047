// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

/** What one message may be at most; bytes, and levels of arrays and maps in a record. */
record Limits(int messageBytes, int decompressedBytes, int eventBytes, int depth) { }

// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

/** What one task shows by JMX. Counters start at 0 with the task. */
public interface SinkMetricsMBean {
    /** Documents that Elasticsearch has (written, or there already). */
    long getDocumentsIndexed();

    /** Documents refused for good: reported, dropped, or what the task failed on. */
    long getDocumentsRefused();

    /** Documents sent again, counted once per attempt. */
    long getDocumentsRetried();

    /** Records without a value that were ignored. */
    long getRecordsIgnored();

    /** Bulk requests answered or failed. */
    long getRequests();

    /** Bulk requests that failed as a whole. */
    long getRequestsFailed();

    /** Bytes of bulk requests before compression. */
    long getRequestBytes();

    /** Milliseconds spent in answered requests, in all. */
    long getRequestMillis();

    /** Milliseconds of the slowest answered request. */
    long getRequestMillisMax();

    /** Bulk requests under way. */
    int getRequestsInFlight();

    /** Bytes of records not yet accounted for. */
    long getBufferBytes();

    /** Whether consumption is paused because the buffer is full. */
    boolean isPaused();

    /** Seconds since when something is being retried; 0 when nothing is. */
    long getRetryingSeconds();

    /** The last error, without credentials and without content of documents; empty when there was none. */
    String getLastError();
}

package dev.slabmount.bench.evict;

import java.util.Arrays;

/**
 * The fewest misses that a cache can have which loads what is requested: it drops the object whose
 * next request is farthest away.
 *
 * <p>L. A. Belady, "A study of replacement algorithms for a virtual-storage computer", IBM Systems
 * Journal 5 (1966). Cached objects lie in a heap, the one that is needed last on top; each request
 * moves one object up. O(log capacity) per request.
 */
final class Belady {
  private static final int NEVER = Integer.MAX_VALUE;
  private static final int ABSENT = -1;

  /** By request: the number of the next request for the same object. */
  private final int[] nextRequest;

  private final int[] requests;
  private final int capacity;
  private final int[] heap;
  private final int[] placeOf;
  private final int[] neededAt;
  private int count;

  Belady(int[] requests, int objects, int capacity) {
    this.requests = requests;
    this.capacity = capacity;
    heap = new int[capacity];
    placeOf = new int[objects];
    neededAt = new int[objects];
    nextRequest = new int[requests.length];
    int[] next = new int[objects];
    Arrays.fill(next, NEVER);
    for (int i = requests.length - 1; i >= 0; i--) {
      nextRequest[i] = next[requests[i]];
      next[requests[i]] = i;
    }
  }

  /** How many requests find their object absent. */
  long misses() {
    Arrays.fill(placeOf, ABSENT);
    count = 0;
    long misses = 0;
    for (int i = 0; i < requests.length; i++) {
      int object = requests[i];
      neededAt[object] = nextRequest[i]; // Never sooner than before.
      if (placeOf[object] == ABSENT) {
        misses++;
        if (count == capacity) {
          dropTop();
        }
        placeOf[object] = count++;
      }
      rise(object);
    }
    return misses;
  }

  private void rise(int object) {
    int place = placeOf[object];
    while (place > 0) {
      int parent = (place - 1) / 2;
      if (neededAt[heap[parent]] >= neededAt[object]) {
        break;
      }
      put(heap[parent], place);
      place = parent;
    }
    put(object, place);
  }

  private void dropTop() {
    placeOf[heap[0]] = ABSENT;
    int object = heap[--count];
    int place = 0;
    for (int child = 1; child < count; child = 2 * place + 1) {
      if (child + 1 < count && neededAt[heap[child + 1]] > neededAt[heap[child]]) {
        child++;
      }
      if (neededAt[heap[child]] <= neededAt[object]) {
        break;
      }
      put(heap[child], place);
      place = child;
    }
    if (count > 0) {
      put(object, place);
    }
  }

  private void put(int object, int place) {
    heap[place] = object;
    placeOf[object] = place;
  }
}

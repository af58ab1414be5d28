// What NumPy calls: sizes are lengths, steps the distances in bytes from one number to the next.

typedef long npy_intp;

#define LOOP __attribute__((visibility("default")))

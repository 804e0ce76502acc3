/* Stands between a host and a VST3 module, and writes down what the host tells `process` and which notes
 * come out.
 *
 * Put in the place of the module, it loads the real one (SPIED) and passes everything on; only the
 * processor's `process` goes through here. Lines in the file SPY_LOG:
 *   block FRAMES PLAYING SAMPLES BEATS TEMPO    what the transport said
 *   note OFFSET KEY                             a note-on of that block
 * The layouts below are those of Steinberg's VST 3 interfaces (ivstaudioprocessor.h, ivstevents.h,
 * ivstprocesscontext.h, ipluginbase.h) on 64 bits.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct interface interface;
typedef void (*method)(void);
struct interface {
  method *methods;
};

/* Places in the tables of methods; the first three are those of every interface. */
enum { QUERY = 0, RELEASE = 2 };
enum { FACTORY_CREATE = 6, FACTORY_METHODS = 12 };
enum { PROCESSOR_PROCESS = 9, PROCESSOR_METHODS = 11 };
enum { LIST_COUNT = 3, LIST_EVENT = 4 };

typedef struct {
  uint32_t state;
  double sample_rate;
  int64_t samples, system_time, continuous_samples;
  double beats, bar_start, cycle_start, cycle_end, tempo;
} context;
enum { PLAYING = 1 << 1 };

typedef struct {
  int32_t mode, sample_size, frames, inputs, outputs;
  void *input_buses, *output_buses;
  interface *parameters_in, *parameters_out, *events_in, *events_out;
  context *transport;
} process_data;

typedef struct {
  int32_t bus, offset;
  double beats;
  uint16_t flags, type;
  union {
    struct {
      int16_t channel, key;
    } note_on;
    /* Other kinds of event hold a pointer, so all begin where one can stand. */
    void *room[5];
  };
} event;
enum { NOTE_ON = 0 };

typedef int32_t (*query_method)(interface *, const char *, interface **);
typedef uint32_t (*release_method)(interface *);
typedef int32_t (*create_method)(interface *, const char *, const char *, interface **);
typedef int32_t (*process_method)(interface *, process_data *);
typedef int32_t (*count_method)(interface *);
typedef int32_t (*event_method)(interface *, int32_t, event *);

static const unsigned char PROCESSOR_ID[16] = {0x42, 0x04, 0x3F, 0x99, 0xB7, 0xDA, 0x45, 0x3C,
                                               0xA5, 0x69, 0xE7, 0x9D, 0x9A, 0xAE, 0xC3, 0x3D};

static void *module;
static FILE *written;
static create_method real_create;
static process_method real_process;

static int32_t process(interface *processor, process_data *data) {
  int32_t result = real_process(processor, data);
  const context *at = data->transport;
  if (!written || !at) return result;
  fprintf(written, "block %d %d %lld %.12f %.9f\n", data->frames, (at->state & PLAYING) != 0,
          (long long)at->samples, at->beats, at->tempo);
  interface *out = data->events_out;
  int32_t count = out ? ((count_method)out->methods[LIST_COUNT])(out) : 0;
  for (int32_t number = 0; number < count; number++) {
    event e;
    memset(&e, 0, sizeof e);
    if (((event_method)out->methods[LIST_EVENT])(out, number, &e) == 0 && e.type == NOTE_ON)
      fprintf(written, "note %d %d\n", e.offset, e.note_on.key);
  }
  return result;
}

/* Gives an object a table of methods of its own in which one is ours; returns the one before. */
static method replace(interface *object, int place, int methods, method ours) {
  method before = object->methods[place];
  if (before == ours) return NULL;
  method *table = malloc(methods * sizeof *table);
  memcpy(table, object->methods, methods * sizeof *table);
  table[place] = ours;
  object->methods = table;
  return before;
}

static int32_t create(interface *factory, const char *class_id, const char *interface_id, interface **object) {
  int32_t result = real_create(factory, class_id, interface_id, object);
  interface *processor = NULL;
  if (result != 0 || !*object) return result;
  if (((query_method)(*object)->methods[QUERY])(*object, (const char *)PROCESSOR_ID, &processor) != 0 || !processor)
    return result;
  method before = replace(processor, PROCESSOR_PROCESS, PROCESSOR_METHODS, (method)process);
  if (before) real_process = (process_method)before;
  ((release_method)processor->methods[RELEASE])(processor);
  return result;
}

static void *real(const char *name) {
  if (!module) module = dlopen(getenv("SPIED"), RTLD_NOW | RTLD_LOCAL);
  if (!module) {
    fprintf(stderr, "the module to be spied on can't be loaded: %s\n", dlerror());
    abort();
  }
  return dlsym(module, name);
}

int ModuleEntry(void *handle) {
  const char *log = getenv("SPY_LOG");
  if (log) written = fopen(log, "w");
  return ((int (*)(void *))real("ModuleEntry"))(handle);
}

int ModuleExit(void) {
  if (written) fclose(written);
  written = NULL;
  return ((int (*)(void))real("ModuleExit"))();
}

interface *GetPluginFactory(void) {
  interface *factory = ((interface * (*)(void)) real("GetPluginFactory"))();
  if (!factory) return NULL;
  method before = replace(factory, FACTORY_CREATE, FACTORY_METHODS, (method)create);
  if (before) real_create = (create_method)before;
  return factory;
}
